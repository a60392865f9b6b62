"""Measures a training step of nntrain against PyTorch, scikit-learn and bare matrix products.

Usage: python benchmarks/training_step.py [--network digits] [--threads 1] [--rounds 31]

Networks: the lecture's (3072-50-10, batches of 100), the digits' (64-50-10, batches of 32), a deep
one with batch normalization (784, 5 x 256, 10, batches of 128) and a small convolutional one (conv
3x3x32, pool, conv 3x3x64, pool, dense; batches of 64). All with relu, softmax, momentum 0.9 and
float32, gather and loss included. PyTorch has its examples in memory as float32; "channels last"
is its other order of an image's axes.
"""

from __future__ import annotations

import argparse
from statistics import median

from _measure import interleaved, mode, ratio, table, use_threads, verdict

BATCHES = {"lecture": 50, "digits": 500, "batch norm": 50, "conv": 5}
# The most that nntrain may take of each contender's time, on one thread.
TARGETS = {
    "lecture": {"bare products": 1.3, "PyTorch": 0.65},
    "digits": {"PyTorch": 0.2, "scikit-learn": 0.25},
    "batch norm": {"PyTorch": 1.0},
    "conv": {"PyTorch": 0.6, "PyTorch, best order": 0.8},
}


def main() -> None:
    """Measure and print a table for each network."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--network", choices=BATCHES, help="one of them; else all")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=31)
    given = parser.parse_args()
    use_threads(given.threads)
    for number, name in enumerate([given.network] if given.network else BATCHES):
        seconds, share = measured(name, given.threads, given.rounds)
        if number == 0:
            print(mode(["numpy", "torch", "scikit-learn"]))
            print(f"threads asked for: {given.threads}")
        own = seconds["nntrain"]
        rows = [
            (contender, f"{median(s) * 1e6:.0f}", f"{ratio(own, s):.2f}")
            for contender, s in seconds.items()
        ]
        print("", table((name, "us/step", "nntrain takes"), rows), sep="\n")
        print(f"share of nntrain's time in matrix products: {share:.0%}")
        for contender, bound in (TARGETS[name] if given.threads == 1 else {}).items():
            print(verdict(f"of {contender}", ratio(own, of(seconds, contender)), bound))


def of(seconds: dict[str, list[float]], contender: str) -> list[float]:
    """Return a contender's seconds; those of PyTorch's best order are the lesser of each round."""
    if contender != "PyTorch, best order":
        return seconds[contender]
    orders = seconds["PyTorch"], seconds["PyTorch, channels last"]
    return min(orders, key=median)


def measured(name: str, threads: int, rounds: int) -> tuple[dict[str, list[float]], float]:
    """Return the seconds per step of every contender in each round, and the products' share."""
    import _networks as networks  # these import NumPy, whose threads had to be set first
    import _peers as peers
    import numpy as np
    import torch

    torch.set_num_threads(threads)
    network, batches = networks.NETWORKS[name], BATCHES[name]
    dataset = networks.data_for(network)
    x, labels = dataset.train.ready(np.dtype(np.float32)), dataset.train.labels
    own = networks.nntrain(network, dataset, batches)
    contenders = {
        "nntrain": own,
        "nntrain, l2": networks.nntrain(network, dataset, batches, 1e-6),
        "bare products": networks.bare_products(network, x, batches),
        "PyTorch": peers.pytorch(network, x, labels, batches),
        "scikit-learn": peers.sklearn(network, x, labels, batches),
    }
    if network.has_images:
        last = peers.pytorch(network, x, labels, batches, channels_last=True)
        contenders["PyTorch, channels last"] = last
    taken = interleaved({k: turn for k, turn in contenders.items() if turn is not None}, rounds)
    return taken, networks.share_of_products(own)


if __name__ == "__main__":
    main()
