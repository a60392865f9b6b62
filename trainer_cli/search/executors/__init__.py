"""Who works on the stacks of a sweep: one kind of executor per file."""
