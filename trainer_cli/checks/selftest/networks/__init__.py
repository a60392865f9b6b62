"""Networks as users write them in NumPy, sound; faults are edits of their text."""
