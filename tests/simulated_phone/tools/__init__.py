"""The benchmark programs that run on the simulated phone.

They are pushed as one file that brings its own code and needs the standard library only: see `programs.py`. A module
here reads a program's arguments and prints what that program prints. They start hundreds of times in the tests, so they
import little: no dataclasses, no pathlib.
"""
