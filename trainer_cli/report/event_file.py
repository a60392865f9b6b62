"""Writes one event file of the kind that TensorBoard reads, record by record.

The records go through tensorboardX's writer of records, not its SummaryWriter: that one hands them
to a thread of its own, which a full disk ends, and training would wait for it for ever.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from errno import ENOTDIR
from pathlib import Path
from time import time
from typing import Any

import numpy as np

from trainer_cli.training.layer_statistics import LayerStatistics
from trainer_cli.training.runs import RunError

# A tag and its value at one step.
Scalar = tuple[str, float]


def require_tensorboardx() -> None:
    """Raise RunError where tensorboardX is not installed."""
    try:
        import tensorboardX  # noqa: F401
    except ImportError:
        message = "--tensorboard needs the extra tensorboard"
        raise RunError(message, "pip install 'nntrain[tensorboard]'") from None


def event_files(place: Path) -> list[Path]:
    """Return the event files in a folder, none where there is no such folder."""
    return list(place.glob("*tfevents*"))


class EventFile:
    """A new event file in a folder, beside those that are there and after them in order."""

    def __init__(self, place: Path, purge_step: int = 0) -> None:
        """Make the file, and tell TensorBoard to forget `purge_step` and later of those before it.

        Raises OSError where it cannot be written, as every method does.
        """
        from tensorboardX import RecordWriter
        from tensorboardX.proto.event_pb2 import Event, SessionLog
        from tensorboardX.proto.summary_pb2 import HistogramProto, Summary

        self._Event, self._Summary, self._Histogram = Event, Summary, HistogramProto
        try:
            place.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            raise NotADirectoryError(ENOTDIR, os.strerror(ENOTDIR), str(place)) from None
        # TensorBoard reads the files of a folder in the order of their names, and two may begin in
        # the same second.
        begun = f"events.out.tfevents.{int(time()):010d}.{socket.gethostname()}"
        path = place / f"{begun}.{len(event_files(place)):04d}"
        self._path = str(path)
        self._writer = RecordWriter(str(path.absolute()))  # what begins with s3: would be no path
        self._write(file_version="brain.Event:2")
        # The first start of a log is none that TensorBoard takes for a restart: every file has one.
        self._write(step=purge_step, session_log=SessionLog(status=SessionLog.START))

    def scalars(self, step: int, values: Iterable[Scalar]) -> None:
        """Write what some tags are at a step; TensorBoard holds them as float32."""
        self._summarize(step, [{"tag": tag, "simple_value": value} for tag, value in values])

    def histograms(self, step: int, layers: Iterable[LayerStatistics]) -> None:
        """Write how the outputs of layers are distributed at a step, as activations/<layer>."""
        histograms = [
            {"tag": f"activations/{each.layer}", "histo": self._Histogram(**_bins(each))}
            for each in layers
            if each.histogram is not None
        ]
        self._summarize(step, histograms)

    def flush(self) -> None:
        """Hand what was written to the disk."""
        with self._named():
            self._writer.flush()

    def close(self) -> None:
        """Close the file."""
        with self._named():
            self._writer.close()

    def _summarize(self, step: int, values: list[dict[str, Any]]) -> None:
        if values:
            of_tags = [self._Summary.Value(**value) for value in values]
            self._write(step=step, summary=self._Summary(value=of_tags))

    def _write(self, **what: Any) -> None:
        with self._named():
            self._writer.write(self._Event(wall_time=time(), **what).SerializeToString())

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:  # a full disk does not say which file it was
            raise OSError(error.errno, error.strerror, self._path) from None


def _bins(layer: LayerStatistics) -> dict[str, Any]:
    """Return a layer's histogram in TensorBoard's form: every bin with its upper limit."""
    histogram = layer.histogram
    assert histogram is not None
    low, high, counts = histogram.low, histogram.high, histogram.counts
    if low == high:  # all are in the first bin, and the others are as wide as nothing
        counts = counts[:1]
    number = sum(counts)
    return {
        "min": low,
        "max": high,
        "num": number,
        "sum": number * layer.mean,
        "sum_squares": number * (layer.std**2 + layer.mean**2),
        "bucket_limit": np.linspace(low, high, len(counts) + 1)[1:].tolist(),
        "bucket": counts,
    }
