"""The MNIST family: MNIST, Fashion-MNIST, EMNIST and others in the same four files.

N examples, H W image height and width.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Le, doc
from numpy.typing import NDArray

from trainer_cli.datasets.errors import DataError
from trainer_cli.datasets.formats.idx import idx_size, read_idx
from trainer_cli.datasets.table import Labels, Table, check_labels, check_lengths

IMAGES, LABELS = 3, 1  # dimensions of the two kinds of file


@dataclass(frozen=True, kw_only=True)
class Mnist:
    """A folder with the published IDX files, each plain or gzipped.

        train-images-idx3-ubyte   train-labels-idx1-ubyte
        t10k-images-idx3-ubyte    t10k-labels-idx1-ubyte     the test set, which may be missing

    The spelling `train-images.idx3-ubyte` is found too, and a plain file before its .gz. Images
    become (N, H, W, 1) uint8; labels run from 0 to `classes` - 1.
    Source: LeCun, Cortes, Burges, "The MNIST database of handwritten digits".
    """

    type: Literal["mnist"] = "mnist"
    path: Annotated[Path, doc("folder of the four IDX files, relative to the experiment file")]
    classes: Annotated[
        int, Ge(2), Le(256), doc("number of classes, 10 for MNIST and Fashion-MNIST")
    ] = 10

    def classes_known(self) -> int | None:
        """Return `classes`."""
        return self.classes

    def shape_known(self) -> tuple[int, ...] | None:
        """Return None: only the file tells the shape of an example."""
        return None

    def size(self) -> int:
        """Return the bytes that read() will hold, from the headers of the files."""
        files = [*self._training_files(), *(self._test_files() or ())]
        sizes = [
            idx_size(file, dimensions)
            for file, dimensions in zip(files, (IMAGES, LABELS) * 2, strict=False)
        ]
        labels = sum(sizes[1::2])
        return sum(sizes) + labels * np.dtype(np.intp).itemsize

    def read(self) -> Table:
        """Read the files; raises DataError, naming the file, for anything wrong with one."""
        images, labels = self._training_files()
        inputs = _read_images(images)
        tests = self._test_files()
        return Table(
            inputs=inputs,
            labels=_read_labels(labels, self.classes, len(inputs)),
            classes=self.classes,
            where=str(images),
            test_inputs=None if tests is None else (test_inputs := _read_images(tests[0])),
            test_labels=(
                None if tests is None else _read_labels(tests[1], self.classes, len(test_inputs))
            ),
            test_where=None if tests is None else str(tests[0]),
        )

    def _training_files(self) -> tuple[Path, Path]:
        if not self.path.is_dir():
            problem = (
                "is a file, but the source mnist needs the folder of the IDX files"
                if self.path.exists()
                else "no such folder"
            )
            raise DataError(problem, where=str(self.path), key=("data", "path"))
        return (
            self._required("train-images", IMAGES),
            self._required("train-labels", LABELS),
        )

    def _test_files(self) -> tuple[Path, Path] | None:
        """Return both files of the test set or None; one without the other is an error."""
        if not (self._find("t10k-images", IMAGES) or self._find("t10k-labels", LABELS)):
            return None
        return self._required("t10k-images", IMAGES), self._required("t10k-labels", LABELS)

    def _required(self, stem: str, dimensions: int) -> Path:
        found = self._find(stem, dimensions)
        if found is None:
            raise DataError(
                f"has no file {stem}-idx{dimensions}-ubyte, plain or .gz",
                where=str(self.path),
                key=("data", "path"),
            )
        return found

    def _find(self, stem: str, dimensions: int) -> Path | None:
        names = [f"{stem}{sign}idx{dimensions}-ubyte" for sign in "-."]
        for name in [*names, *(f"{name}.gz" for name in names)]:
            if (self.path / name).is_file():
                return self.path / name
        return None


def _read_images(path: Path) -> NDArray[Any]:
    """Return (N, H, W, 1)."""
    return read_idx(path, IMAGES)[..., np.newaxis]


def _read_labels(path: Path, classes: int, images: int) -> Labels:
    labels = read_idx(path, LABELS)
    check_lengths(images, len(labels), str(path), "image")
    check_labels(labels, classes, str(path))
    return labels.astype(np.intp)
