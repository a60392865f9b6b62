"""How parameters move: optimizers and learning-rate schedules; knows NumPy and `nn` alone."""
