"""How fast and how accessible the pages are in a browser."""
