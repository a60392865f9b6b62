"""Measures a search for learning rate and penalty: nntrain's stacks against one trial at a time.

Usage: python benchmarks/sweep.py [--search digits] [--data FOLDER] [--rounds 5] [--cold 3]

Two searches, with momentum 0.9 and a rate that decays by 0.9 an epoch: the lecture's coarse one,
20 trials of 3072-50-10 in batches of 100 for one epoch of 49,000 images; and 100 trials of the
digits' network, 64-50-10 in batches of 32, for five epochs. The images are those of the folder
`cifar-10-batches-py` given as --data, repeated until there are 50,000; without, random bytes.
Rates come from ranges in which no trial explodes, so that everybody has the same work: the same
number of updates, and a validation at the end.

Contenders: nntrain as it plans the search for this machine, with a worker for each processor;
nntrain one trial after another; PyTorch eager, one trial after another, with the threads it takes
by itself; PyTorch in two processes of one thread. Each stays alive from round to round; what it
takes to start, import, read the data and train once is measured apart, in --cold rounds.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from _measure import interleaved, mode, ratio, table, verdict
from _searches import SEARCHES, Search, write

SWEEPER = Path(__file__).with_name("_sweepers.py")
OWN, TORCH, TORCH_TWICE = "nntrain", "PyTorch", "PyTorch, two processes"
CONTENDERS = {
    OWN: [["stacked"]],
    "nntrain, one after another": [["one-after-another"]],
    TORCH: [["pytorch", "0", "1"]],
    TORCH_TWICE: [["pytorch", "0", "2"], ["pytorch", "1", "2"]],
}
# The most that nntrain may take of each contender's time, with OPENBLAS_CORETYPE=Haswell on two
# processors.
TARGETS = {
    "lecture": {TORCH: 0.29, TORCH_TWICE: 0.52},
    "digits": {TORCH: 0.04, TORCH_TWICE: 0.08},
}


class Contender:
    """One way to search: a process, or several that share the trials."""

    def __init__(self, commands: Sequence[Sequence[str]], folder: Path) -> None:
        self._processes = [
            subprocess.Popen(
                [sys.executable, str(SWEEPER), command[0], str(folder), *command[1:]],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=os.environ | ({"OMP_NUM_THREADS": "1"} if len(commands) > 1 else {}),
            )
            for command in commands
        ]
        self._hear()
        self.updates = 0

    def _hear(self) -> list[str]:
        lines = [process.stdout.readline().strip() for process in self._processes]
        if not all(lines):
            raise RuntimeError("a contender has died; what it wrote stands above")
        return lines

    def turn(self) -> float:
        """Return the seconds in which all trials are trained."""
        begun = perf_counter()
        for process in self._processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        self.updates = sum(int(line) for line in self._hear())
        return perf_counter() - begun

    def peak(self) -> float:
        """Return the MiB that the processes and their children have held, each at its peak."""
        return sum(_peak(process.pid) for process in self._processes)

    def end(self) -> None:
        """Let the processes go."""
        for process in self._processes:
            process.communicate()


def _peak(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return float("nan")  # known on Linux alone
    own = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    return own / 1024 + sum(_peak(int(child)) for child in children)


def main() -> None:
    """Measure and print a table for each search."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--search", choices=SEARCHES, help="one of them; else both")
    parser.add_argument("--data", type=Path, help="folder cifar-10-batches-py")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cold", type=int, default=0, help="rounds from a cold start")
    given = parser.parse_args()
    for number, name in enumerate([given.search] if given.search else SEARCHES):
        search = SEARCHES[name]
        with TemporaryDirectory() as folder:
            write(search, Path(folder), given.data)
            warm, peaks = measured(Path(folder), given.rounds)
            cold = from_cold(Path(folder), given.cold)
        if number == 0:
            print(mode(["numpy", "torch"]))
        report(name, search, warm, peaks)
        if cold:
            report(f"{name}, with starting and reading", search, cold)
        for contender, bound in TARGETS[name].items():
            print(verdict(f"of {contender}", ratio(warm[OWN], warm[contender]), bound))


def measured(folder: Path, rounds: int) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Return the seconds of every contender in each round, and their peaks of memory in MiB."""
    contenders = {name: Contender(commands, folder) for name, commands in CONTENDERS.items()}
    taken = interleaved({k: each.turn for k, each in contenders.items()}, rounds, warm_up=0)
    if len({each.updates for each in contenders.values()}) > 1:
        raise RuntimeError("the contenders have not done the same work")
    peaks = {name: each.peak() for name, each in contenders.items()}
    for each in contenders.values():
        each.end()
    return taken, peaks


def from_cold(folder: Path, rounds: int) -> dict[str, list[float]]:
    """Return the seconds from the start of every contender to the end of its first search."""

    def turn(commands: Sequence[Sequence[str]]) -> float:
        begun = perf_counter()
        contender = Contender(commands, folder)
        contender.turn()
        seconds = perf_counter() - begun
        contender.end()
        return seconds

    turns = {name: lambda c=commands: turn(c) for name, commands in CONTENDERS.items()}
    return interleaved(turns, rounds) if rounds else {}


def report(
    name: str, search: Search, taken: dict[str, list[float]], peaks: dict[str, float] | None = None
) -> None:
    """Print what every contender took, in all and per trial and epoch, and nntrain's share."""
    rows = []
    for contender, seconds in taken.items():
        each = median(seconds) / search.trials / search.epochs
        row = [contender, f"{median(seconds):.2f}", f"{each * 1e3:.3g}"]
        row.append(f"{ratio(taken[OWN], seconds):.3f}")
        row += [f"{peaks[contender]:.0f}"] if peaks else []
        rows.append(row)
    header = [name, "seconds", "ms/trial-epoch", "nntrain takes", *(["MiB"] if peaks else [])]
    print("", table(header, rows), sep="\n")


if __name__ == "__main__":
    main()
