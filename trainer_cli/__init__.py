"""nntrain: trains neural networks in NumPy and, before that, says whether training can work."""

__version__ = "0.1.0"
