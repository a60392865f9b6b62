"""Layers, losses, initializers and penalties for M members at once; knows NumPy alone."""
