#!/usr/bin/env bash
# Times framemill against two other ways to make an H.264 movie of generated frames with the same settings of x264:
# a pipe to the ffmpeg program, and PNG files. The ways take turns; the medians of five rounds are told.
#
#   bash benches/compare.sh [FRAMES] [ROUNDS]
set -euo pipefail
cd "$(dirname "$0")/.."
frames=${1:-120}
rounds=${2:-5}
framemill=target/release/framemill
ffmpeg='ffmpeg -nostdin -loglevel error -y'

cargo build --release --quiet
work=$(mktemp -d -p target)
trap 'rm -rf "$work"' EXIT
$ffmpeg -f lavfi -i testsrc2=size=1920x1080:rate=30 -frames:v "$frames" -f rawvideo -pix_fmt bgra "$work/frames"

by_framemill() {
    cat "$work/frames" | $framemill encode -q -f bgra -s 1920x1080 -r 30 --preset "$1" --crf 23 -o "$work/framemill.mp4"
}

by_pipe() {
    cat "$work/frames" | ffmpeg -loglevel error -y -f rawvideo -pix_fmt bgra -s 1920x1080 -r 30 -i - \
        -c:v libx264 -pix_fmt yuv420p -preset "$1" -crf 23 "$work/pipe.mp4"
}

# The files are written by ffmpeg too, on all processors: few programs write PNG files as fast.
by_png() {
    rm -rf "$work/png" && mkdir "$work/png"
    $ffmpeg -f rawvideo -pix_fmt bgra -s 1920x1080 -r 30 -i "$work/frames" "$work/png/%06d.png"
    $ffmpeg -r 30 -i "$work/png/%06d.png" -c:v libx264 -pix_fmt yuv420p -preset "$1" -crf 23 "$work/png.mp4"
}

for preset in ultrafast veryfast medium; do
    for round in $(seq "$rounds"); do
        for way in framemill pipe png; do
            start=$EPOCHREALTIME
            "by_$way" "$preset"
            echo "$start $EPOCHREALTIME" | awk '{ print $2 - $1 }' >>"$work/$preset.$way.times"
        done
    done
    for way in framemill pipe png; do
        sort -n "$work/$preset.$way.times" | awk -v frames="$frames" -v name="$preset $way" \
            -v bytes="$(stat -c %s "$work/$way.mp4")" '
            { seconds[NR] = $1 }
            END {
                median = seconds[int((NR + 1) / 2)]
                printf "%-20s %6.1f fps  (%.2f s, %.2f to %.2f)  %8d bytes\n",
                    name, frames / median, median, seconds[1], seconds[NR], bytes
            }'
    done
done
