"""Writers of small data files in the published formats."""

import pickle
from pathlib import Path

import numpy as np


def idx_bytes(array: np.ndarray) -> bytes:
    header = (0x0800 + array.ndim).to_bytes(4, "big")
    return header + np.array(array.shape, ">u4").tobytes() + array.astype(np.uint8).tobytes()


def batch_bytes(images: np.ndarray, labels: list[int], protocol: int = 2, **more) -> bytes:
    fields = {
        b"batch_label": b"a batch",
        b"labels": labels,
        b"data": images,
        b"filenames": [b"leptodactylus_pentadactylus_s_000004.png"] * len(labels),
    }
    return pickle.dumps(fields | more, protocol)


def write_cifar(folder: Path, per_batch: int, protocol: int = 2) -> Path:
    """Write a folder in the published format; image i of batch b begins with the bytes b, i."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(2)
    for number, name in enumerate(
        [*(f"data_batch_{n}" for n in range(1, 6)), "test_batch"], start=1
    ):
        images = rng.integers(0, 256, (per_batch, 3072), dtype=np.uint8)
        images[:, 0] = number
        images[:, 1] = np.arange(per_batch) % 256
        labels = [i % 10 for i in range(per_batch)]
        (folder / name).write_bytes(batch_bytes(images, labels, protocol))
    names = [f"class {n}".encode() for n in range(10)]
    (folder / "batches.meta").write_bytes(pickle.dumps({b"label_names": names}, protocol))
    return folder
