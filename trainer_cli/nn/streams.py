"""One random stream for each consumer, so that adding or skipping one changes no other."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any
from zlib import crc32

import numpy as np


def stream(seed: int, *path: str | int) -> np.random.Generator:
    """Return the generator that belongs to `path`, for instance ("order", epoch), under `seed`.

    The same seed and path give the same numbers, whatever else was drawn before. Words enter the
    seed sequence's spawn key by their CRC-32, whole numbers as they are.
    """
    key = [crc32(part.encode()) if isinstance(part, str) else part for part in path]
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


class Noise:
    """What the members of one layer draw from while training: a generator each, made when asked.

    After `restart` with the same seeds and path come the same numbers.
    """

    def __init__(self) -> None:
        self._seeds: Sequence[int] = ()
        self._path: tuple[str | int, ...] = ()
        self._made: dict[int, np.random.Generator] = {}

    def restart(self, seeds: Sequence[int], *path: str | int) -> None:
        """Let member m draw from the beginning of `stream(seeds[m], *path)`."""
        self._seeds, self._path, self._made = seeds, path, {}

    def of(self, member: int) -> np.random.Generator:
        """Return the generator of one member, where its last draw left it."""
        made = self._made.get(member)
        if made is None:
            made = self._made[member] = stream(self._seeds[member], *self._path)
        return made

    def state(self) -> list[tuple[int, Any]]:
        """Return the members that have drawn since the last restart, and where they are."""
        return [(member, made.bit_generator.state) for member, made in self._made.items()]

    def restore(self, state: Sequence[tuple[int, Any]]) -> None:
        """Go on where `state` was taken; restart() has been called as it was then."""
        for member, where in state:
            self.of(member).bit_generator.state = where

    def take_members(self, source: "Noise", kept: Sequence[int]) -> None:
        """Go on where the members `kept` of `source` are, which go on by themselves."""
        self._seeds = [source._seeds[m] for m in kept] if source._seeds else ()
        self._path = source._path
        self._made = {
            own: deepcopy(source._made[old]) for own, old in enumerate(kept) if old in source._made
        }
