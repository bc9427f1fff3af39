"""A zoo that does not exist, as large as one likes: for load tests and for looking at pages that are full.

`zoo` and `history` make it up, as pure functions of a seed; `rows` and `copying` write it. Everything in it is called
`synth-...`, and nobody ever measured any of it.
"""

PREFIX = "synth-"
