"""Faults that are made on purpose, by the thousand: system calls that fail, kills, signals, damaged files, races."""
