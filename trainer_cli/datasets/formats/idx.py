"""Reads IDX files, the format of MNIST, plain or gzipped, without believing their headers.

N examples, H W image height and width.
"""

import gzip
import zlib
from math import prod
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from trainer_cli.datasets.errors import DataError

# Two zero bytes, 8 for unsigned bytes, then the number of dimensions.
KINDS = {3: "images", 1: "labels"}
# One byte of deflate stands for at most 1,032 bytes, so a longer claim is false
# (Deutsch 1996, RFC 1951: 258 bytes for two bits).
MOST_EXPANSION = 1032
CHUNK_BYTES = 1 << 20


def read_idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """Return the array of an IDX file of unsigned bytes: (N, H, W) for 3 dimensions, (N,) for 1.

    Raises DataError, naming the file, for a wrong magic number, a file that ends too early or
    goes on after its last value, and damaged compression.
    """
    try:
        with _open(path) as file:
            shape = _read_header(file, path, dimensions)
            return _read_values(file, path, shape)
    except (OSError, EOFError, zlib.error) as error:
        raise _damaged(path, error) from None


def idx_size(path: Path, dimensions: int) -> int:
    """Return the bytes that the array takes, from the header alone; the claim is checked first."""
    try:
        with _open(path) as file:
            return prod(_read_header(file, path, dimensions))
    except (OSError, EOFError, zlib.error) as error:
        raise _damaged(path, error) from None


def _open(path: Path) -> BinaryIO:
    if path.suffix == ".gz":
        return cast(BinaryIO, gzip.open(path, "rb"))
    return path.open("rb")


def _read_header(file: BinaryIO, path: Path, dimensions: int) -> tuple[int, ...]:
    """Read magic number and lengths, and refuse lengths that the file cannot hold."""
    expected = 0x0800 + dimensions
    header = file.read(4 + 4 * dimensions)
    magic = int.from_bytes(header[:4], "big")
    if len(header) >= 4 and magic != expected:
        raise DataError(
            f"wrong magic number 0x{magic:08x}, expected 0x{expected:08x} ({KINDS[dimensions]})",
            where=str(path),
        )
    if len(header) < 4 + 4 * dimensions:
        raise DataError(
            f"ends inside its header, after {len(header)} of {4 + 4 * dimensions} bytes",
            where=str(path),
        )
    shape = tuple(int(length) for length in np.frombuffer(header, ">u4", offset=4))
    on_disk = path.stat().st_size
    most = on_disk * MOST_EXPANSION if path.suffix == ".gz" else on_disk - len(header)
    if prod(shape) > most:
        raise _cut_short(path, shape, None if path.suffix == ".gz" else most)
    return shape


def _read_values(file: BinaryIO, path: Path, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    values = np.empty(prod(shape), np.uint8)
    view = values.data
    done = 0
    while done < len(view):
        # gzip's readinto makes a copy of what it is asked for, hence the chunks.
        got = file.readinto(view[done : done + CHUNK_BYTES])  # type: ignore[attr-defined]
        if not got:
            raise _cut_short(path, shape, done)
        done += got
    if file.read(1):
        raise DataError(f"goes on after its {_claim(shape)}", where=str(path))
    return values.reshape(shape)


def _claim(shape: tuple[int, ...]) -> str:
    """Say what a header claims: "60,000 images of 28 x 28 pixels", "60,000 labels"."""
    if len(shape) == 1:
        return f"{shape[0]:,} labels"
    return f"{shape[0]:,} images of {shape[1]:,} x {shape[2]:,} pixels"


def _cut_short(path: Path, shape: tuple[int, ...], found: int | None) -> DataError:
    there = f"only {found:,} of them" if found is not None else "not nearly as many"
    return DataError(
        f"is cut short: its header announces {_claim(shape)} ({prod(shape):,} bytes), "
        f"but {there} follow",
        where=str(path),
    )


def _damaged(path: Path, error: Exception) -> DataError:
    if isinstance(error, OSError) and error.strerror:
        return DataError(f"cannot be read: {error.strerror.lower()}", where=str(path))
    if isinstance(error, EOFError):
        return DataError("is cut short: its compressed data ends too early", where=str(path))
    return DataError(f"is damaged: {str(error).lower()}", where=str(path))
