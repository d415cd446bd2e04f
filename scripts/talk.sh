# Sourced by other scripts: functions to print messages, and to run commands quietly. They must set $log, the log file.
# shellcheck shell=bash

name=$(basename "$0" .sh)

say() { printf '%s: %s\n' "$name" "$*" >&2; }

fail() {
    printf "$name: %s\n" "$@" >&2
    exit 1
}

# Runs a command with its output in the log. If the command fails, prints the end of the log and stops.
quietly() {
    "$@" >>"$log" 2>&1 || {
        tail -n 20 "$log" >&2
        fail "\"$*\" failed; its complete output is in $log"
    }
}

has() { command -v "$1" >/dev/null; }
