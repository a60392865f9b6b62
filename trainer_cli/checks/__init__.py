"""The sanity checks: each takes an experiment and its data and returns findings."""
