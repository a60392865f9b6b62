"""Training: the stack of members at work, the loop, its diagnosis and the run folder."""
