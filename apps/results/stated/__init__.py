"""Stated values: single values that somebody sends in over REST, read, converted and checked. Nothing here writes."""
