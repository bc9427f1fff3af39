"""Every change of sources, results and the board."""
