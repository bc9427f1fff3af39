"""The figures of `/charts`: the published document's four, redone, and those that it lacks.

Pictures, numbers and sentences come from the board; nothing is typed in. `table.py` names all figures.
"""
