python overlay.py |
    framemill encode -q -f rgba -s 480x360 -r 30 -c vp9 --alpha keep --report overlay.html -o overlay.webm
