"""`make up`: a small supervisor that runs the whole site on one machine, without Docker, root or installed servers."""
