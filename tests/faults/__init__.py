"""Fault campaigns: random cases of failing system calls, kills, signals, damaged files, races and power cuts."""
