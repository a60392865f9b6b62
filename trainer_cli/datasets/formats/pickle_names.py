"""Stand-ins for the four names that CIFAR-10's pickles mention: they hold data and run nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray


class RefusedError(Exception):
    """What the pickle holds beyond plain data, as the rest of a sentence about its file."""


@dataclass
class Uint8:
    """Stands in for `numpy.dtype('u1')`."""


@dataclass
class Array:
    """Stands in for an array; `values` is set once the file has given its state."""

    values: NDArray[np.uint8] | None = None


def _dtype(code: Any, *_flags: Any) -> Uint8:
    if code not in (b"u1", "u1"):
        raise RefusedError("holds an array that is not of unsigned bytes")
    return Uint8()


def _reconstruct(*_arguments: Any) -> Array:
    return Array()


def _ndarray(*_arguments: Any) -> NoReturn:
    raise RefusedError("builds an array in a way that no published file does")


def _encode(text: Any, encoding: Any) -> bytes:
    if not isinstance(text, str) or encoding not in ("latin1", b"latin1"):
        raise RefusedError("encodes text in a way that no published file does")
    return text.encode("latin1")


# The fourth is what Python 3 writes for byte strings in Python 2's protocol; NumPy 2 renamed the
# module of the first.
NAMES: dict[str, Callable[..., Any]] = {
    "numpy.core.multiarray._reconstruct": _reconstruct,
    "numpy._core.multiarray._reconstruct": _reconstruct,
    "numpy.ndarray": _ndarray,
    "numpy.dtype": _dtype,
    "_codecs.encode": _encode,
}
