#!/usr/bin/env bash
# Runs the Python tests with newer versions of Python and FFmpeg: those of another Debian release, which is installed in
# target/debian. Needs root, and passes its arguments to pytest:
#
#   SUITE=trixie bash scripts/test-newer.sh -k render
#
# SUITE is "forky" by default.
set -euo pipefail
exec 2>&1
cd "$(dirname "$0")/.."
log=target/test-newer.log
. scripts/talk.sh
suite=${SUITE:-forky}
root=target/debian/$suite
wheel=$(FLAVOR=${FLAVOR:-small} bash scripts/wheel.sh)

if [ ! -e "$root/usr/bin/python3" ]; then
    has debootstrap || quietly apt-get install --yes debootstrap
    rm -rf "$root"
    mkdir -p "$root"
    # One script installs all recent releases, but an older debootstrap does not know their names.
    quietly debootstrap --variant=minbase --include=python3-venv,ca-certificates,ffmpeg "$suite" "$root" \
        http://deb.debian.org/debian /usr/share/debootstrap/scripts/sid
fi
mkdir -p "$root/framemill"
rm -f "$root"/framemill/framemill-*.whl
cp -r "$wheel" python ruff.toml "$root/framemill"
cp /etc/resolv.conf /etc/ssl/certs/ca-certificates.crt "$root/framemill"

cat >"$root/framemill/test.sh" <<'END'
set -euo pipefail
cd /framemill
export LC_ALL=C.UTF-8 PATH=$PWD/environment/bin:$PATH
unset PIP_FIND_LINKS
[ -e environment ] || python3 -m venv environment
pip install --quiet --requirement python/tests/requirements.txt
pip install --quiet --force-reinstall --no-deps framemill-*.whl
python --version
ffmpeg -version | head -1
# The tests of the documentation and of its gallery need the rest of the project. The others need a browser, and recent
# versions of Chromium show even colors that were converted exactly 4 levels off.
exec python -m pytest -p no:cacheprovider --numprocesses "$(nproc)" python/tests \
    --ignore=python/tests/test_docs.py --ignore=python/tests/test_gallery.py --ignore=python/tests/test_browser.py \
    --ignore=python/tests/test_sound_in_browser.py --deselect=tests/test_colors.py::test_a_browser "$@"
END
# The mounts end with these processes.
exec unshare --mount --pid --fork bash -euc '
    for folder in dev sys; do mount --rbind "/$folder" "$0/$folder"; done
    mount --types proc proc "$0/proc"
    mount --bind "$0/framemill/resolv.conf" "$0/etc/resolv.conf"
    mount --bind "$0/framemill/ca-certificates.crt" "$0/etc/ssl/certs/ca-certificates.crt"
    exec chroot "$0" bash /framemill/test.sh "$@"
' "$root" "$@"
