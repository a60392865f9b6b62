"""What to do about the exceptions that somebody's own Python raises most often."""

from __future__ import annotations

import re

from trainer_cli.checks.own.network import Inputs

# What NumPy and torch say of arrays that do not fit each other.
SHAPES = re.compile(
    r"shape|broadcast|mismatch|dimension|align|channels|\bsize|values to unpack|\dD\b|\bax[ei]s\b"
)
DEVICES = re.compile(r"cuda|nvidia|\bdevice", re.IGNORECASE)


def advice(error: BaseException, x: Inputs | None) -> str | None:
    """Return a hint on an exception; None for none. `x` is what a network was given."""
    if isinstance(error, ModuleNotFoundError) and error.name == "torch":
        return "torch is not installed where nntrain is: pip install 'nntrain[torch]'"
    if isinstance(error, ImportError) and "relative import" in str(error):
        return (
            "a file by itself is in no package: write network.import as package.module:build, from "
            "the folder that the package is in"
        )
    if not isinstance(error, ValueError | RuntimeError | AssertionError):
        return None
    if DEVICES.search(str(error)):
        return "it is checked on the processor: build it there, and leave cuda to training"
    if x is not None and SHAPES.search(str(error)):
        return _given(x)
    return None


def _given(x: Inputs) -> str:
    told = f"it was given X of the shape {x.shape}"
    if x.ndim < 4:
        return told
    return f"{told}: flatten it, or have images as (C, H, W) with network.layout: channels_first"
