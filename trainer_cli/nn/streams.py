"""One random stream for each consumer, so that adding or skipping one changes no other."""

from zlib import crc32

import numpy as np


def stream(seed: int, *path: str | int) -> np.random.Generator:
    """Return the generator that belongs to `path`, for instance ("order", epoch), under `seed`.

    The same seed and path give the same numbers, whatever else was drawn before. Words enter the
    seed sequence's spawn key by their CRC-32, whole numbers as they are.
    """
    key = [crc32(part.encode()) if isinstance(part, str) else part for part in path]
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
