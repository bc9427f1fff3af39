"""Phones over adb: the host measures with a benchmark program that it pushes to the phone."""
