# For the other scripts, which set $log: how they talk, and what they do with commands that talk too much.
# shellcheck shell=bash

name=$(basename "$0" .sh)

say() { printf '%s: %s\n' "$name" "$*" >&2; }

fail() {
    printf "$name: %s\n" "$@" >&2
    exit 1
}

# Runs a command whose output matters only when it fails.
quietly() {
    "$@" >>"$log" 2>&1 || {
        tail -n 20 "$log" >&2
        fail "\"$*\" failed; all of its output is in $log"
    }
}

has() { command -v "$1" >/dev/null; }
