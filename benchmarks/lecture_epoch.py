"""Measures an epoch of the lecture's network in nntrain, bare NumPy, PyTorch and scikit-learn.

Usage: python benchmarks/lecture_epoch.py [--threads 1] [--batches 50] [--rounds 31] [--data FOLDER]

The network is 3072-50-10 with ReLU, trained on 49,000 images of 3,072 bytes, the mean image taken
off, in batches of 100, with momentum 0.9 and float32; rows that say so add a penalty of 1e-6. A
turn is some of the 490 batches, scaled to all of them; --data takes a cifar-10-batches-py folder
instead of random bytes. "PyTorch eager" is its default optimizer; the fused one stands beside it.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import median

from _measure import interleaved, mode, ratio, table, use_threads, verdict


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batches", type=int, default=50, help="batches that a turn is timed for")
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--data", type=Path, help="folder cifar-10-batches-py; else random bytes")
    given = parser.parse_args()
    use_threads(given.threads)
    seconds = measured(given.threads, given.batches, given.rounds, given.data)
    print(mode(["numpy", "torch", "scikit-learn"]), f"threads asked for: {given.threads}", sep="\n")
    bare, own = seconds["bare matrix products"], seconds["nntrain"]
    pytorch = seconds["PyTorch, float32 in memory"]
    rows = [
        (name, f"{median(s):.3f}", f"{ratio(s, bare):.2f}", f"{ratio(s, pytorch):.2f}")
        for name, s in seconds.items()
    ]
    print(table(("", "s/epoch", "over bare", "over PyTorch"), rows))
    print(verdict("nntrain over bare products", ratio(own, bare), 1.3))
    print(verdict("times as fast as PyTorch eager", ratio(pytorch, own), 1.5, at_most=False))


def measured(
    threads: int, batches: int, rounds: int, folder: Path | None
) -> dict[str, list[float]]:
    """Return the seconds per epoch of every contender in each of the rounds."""
    import _lecture as lecture  # these import NumPy, whose threads had to be set first
    import _lecture_peers as peers
    import numpy as np
    import torch

    torch.set_num_threads(threads)
    dataset = lecture.lecture_data(folder)
    x, labels = dataset.train.ready(np.dtype(np.float32)), dataset.train.labels
    contenders = {
        "nntrain": lecture.nntrain(dataset, batches),
        "nntrain with l2": lecture.nntrain(dataset, batches, lecture.L2),
        "bare matrix products": lecture.bare_products(x, batches),
        "PyTorch, float32 in memory": peers.pytorch(x, labels, batches),
        "PyTorch, uint8 in memory": peers.pytorch_from_bytes(dataset, labels, batches),
        "PyTorch, float32, fused SGD": peers.pytorch(x, labels, batches, fused=True),
        "PyTorch with weight decay": peers.pytorch(x, labels, batches, l2=lecture.L2),
        "scikit-learn": peers.sklearn(x, labels),
    }
    return interleaved(contenders, rounds)


if __name__ == "__main__":
    main()
