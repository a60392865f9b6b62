"""Searches for good settings: what to try, many trials as one stack, and what the result means."""
