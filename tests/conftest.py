"""Gives every test one BLAS thread: several, on busy cores, wait for each other far longer."""

import os

# Read once, when NumPy is imported, which is after this file.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
