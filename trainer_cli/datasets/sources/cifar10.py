"""The lecture's data, read from its published files and from nothing else in them.

N examples in a batch file; an image is 3 planes of 32 × 32 bytes there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from annotated_types import doc
from numpy.typing import NDArray

from trainer_cli.datasets.formats.cifar_batch import CLASSES, ROW, decode_batch, decode_names
from trainer_cli.datasets.formats.cifar_files import META, TEST, TRAINING, CifarFiles
from trainer_cli.datasets.table import Labels, Table

SIDE, CHANNELS = 32, 3


@dataclass(frozen=True, kw_only=True)
class Cifar10:
    """60,000 color images of 32 × 32 pixels in 10 classes, 10,000 of them the test set.

    `path` is the folder `cifar-10-batches-py` or the published `cifar-10-python.tar.gz`, which is
    read without being unpacked. Batch files may hold any number of images. Images become
    (N, 32, 32, 3) uint8. The files are pickles: they are read as data, so that nothing in them
    can be executed.
    Source: Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images".
    """

    type: Literal["cifar10"] = "cifar10"
    path: Annotated[
        Path, doc("folder cifar-10-batches-py or its .tar.gz, relative to the experiment file")
    ]

    def classes_known(self) -> int | None:
        """Return 10."""
        return CLASSES

    def shape_known(self) -> tuple[int, ...] | None:
        """Return the shape of one example, which follows from the settings alone."""
        return (SIDE, SIDE, CHANNELS)

    def size(self) -> int:
        """Return the bytes that read() will hold, from the sizes of the files."""
        return CifarFiles(self.path).size()

    def read(self) -> Table:
        """Read all batches; raises DataError, naming the file, for anything wrong with one."""
        files = CifarFiles(self.path)
        inputs, labels = _join(files, TRAINING)
        test_inputs, test_labels = _join(files, TEST)
        return Table(
            inputs=inputs,
            labels=labels,
            classes=CLASSES,
            class_names=_class_names(files),
            where=str(self.path),
            test_inputs=test_inputs,
            test_labels=test_labels,
            test_where=files.where(TEST[0]),
        )


def _join(files: CifarFiles, names: Sequence[str]) -> tuple[NDArray[np.uint8], Labels]:
    """Return all images of the batches, (N, 32, 32, 3), and their labels.

    A batch of s bytes holds at most s / 3,073 images, each with a label. So many rows are reserved
    before the first batch is read; the surplus of about 1 % is never touched.
    """
    most = sum(size // (ROW + 1) for size in files.sizes(names))
    images = np.empty((most, SIDE, SIDE, CHANNELS), np.uint8)
    labels = np.empty(most, np.intp)
    end = 0
    for name in names:
        raw = files.fetch(name)
        assert raw is not None  # only batches.meta may be missing
        batch = decode_batch(raw, files.where(name))
        start, end = end, end + len(batch.labels)
        planes = batch.images.reshape(-1, CHANNELS, SIDE, SIDE)
        for channel in range(CHANNELS):  # 8 times faster than all at once
            images[start:end, ..., channel] = planes[:, channel]
        labels[start:end] = batch.labels
    return images[:end], labels[:end]


def _class_names(files: CifarFiles) -> tuple[str, ...] | None:
    raw = files.fetch(META)
    return None if raw is None else decode_names(raw, files.where(META))
