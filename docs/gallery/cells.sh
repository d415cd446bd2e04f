python cells.py
framemill encode -q cells.tif -r 15 --levels 100:2600 --crf 25 --preset slow --quality --report cells.html -o cells.mp4
