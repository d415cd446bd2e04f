"""Faults that are made on purpose, by the thousand: failing system calls, kills, signals, damage, races, power cuts."""
