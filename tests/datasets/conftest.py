"""Small data sets in the published formats, and a way to look at a refusal."""

import gzip
import tarfile
from collections.abc import Callable

import numpy as np
import pytest
from data_files import idx_bytes, write_cifar

from trainer_cli.datasets import DataError


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def refused():
    """Return a function that runs `action` and gives the DataError it must raise."""

    def run(action: Callable[[], object]) -> DataError:
        with pytest.raises(DataError) as caught:
            action()
        return caught.value

    return run


@pytest.fixture
def mnist(tmp_path):
    """A folder with 12 training and 6 test images of 4 × 3 pixels."""
    rng = np.random.default_rng(1)
    for stem, count in (("train", 12), ("t10k", 6)):
        images = rng.integers(0, 256, (count, 4, 3))
        labels = np.arange(count) % 10
        (tmp_path / f"{stem}-images-idx3-ubyte").write_bytes(idx_bytes(images))
        (tmp_path / f"{stem}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx_bytes(labels)))
    return tmp_path


@pytest.fixture
def cifar(tmp_path):
    return write_cifar(tmp_path / "cifar-10-batches-py", 20)


@pytest.fixture
def cifar_archive(cifar):
    """The same files as published: a .tar.gz, in an order of its own."""
    path = cifar.parent / "cifar-10-python.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for file in sorted(cifar.iterdir(), reverse=True):
            archive.add(file, f"cifar-10-batches-py/{file.name}")
    return path
