"""Experiments whose verdict is known, with faults and without, and what `check` says of them."""
