"""Fair comparisons: contenders take turns in rotating order, medians are compared, mode is stated.

Import this module before NumPy: `use_threads` works only as long as no BLAS is loaded.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter

Turn = Callable[[], float]  # runs once and returns the seconds that count


def use_threads(count: int) -> None:
    """Give every numeric library `count` threads; call this before NumPy is imported."""
    if "numpy" in sys.modules:
        raise RuntimeError("the number of threads must be set before NumPy is imported")
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(count)


def interleaved(
    contenders: Mapping[str, Turn], rounds: int, warm_up: int = 1
) -> dict[str, list[float]]:
    """Return the seconds that each contender took in each of `rounds` rounds.

    In every round each contender takes one turn; the order rotates by one from round to round,
    so that none always follows the same other. `warm_up` rounds are run first and not counted.
    """
    names = list(contenders)
    taken: dict[str, list[float]] = {name: [] for name in names}
    for number in range(warm_up + rounds):
        shift = number % len(names)
        for name in names[shift:] + names[:shift]:
            seconds = contenders[name]()
            if number >= warm_up:
                taken[name].append(seconds)
    return taken


def ratio(seconds: Sequence[float], others: Sequence[float]) -> float:
    """Return the median over the rounds of one contender's seconds over another's.

    Both were measured within the same moments, so that a machine that is busy for a while, as
    shared ones are, changes a round's seconds but hardly its ratio.
    """
    return median(a / b for a, b in zip(seconds, others, strict=True))


def process(command: Sequence[str], folder: Path, *, expected: int = 0) -> float:
    """Return the seconds that a whole process takes from its start to its end, in `folder`.

    Compiled modules are kept in the folder, as an installation keeps them beside the sources:
    the first, uncounted round compiles, whatever the caller's environment says of bytecode.
    Raises RuntimeError, with what the process wrote, for an exit code other than `expected`.
    """
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
    begun = perf_counter()
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    seconds = perf_counter() - begun
    if done.returncode != expected:
        raise RuntimeError(
            f"{command[0]} left with {done.returncode}: {done.stderr or done.stdout}"
        )
    return seconds


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a plain table: the first column to the left, the others to the right."""
    lines = [header, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def verdict(name: str, ratio: float, bound: float, *, at_most: bool = True) -> str:
    """Return one line that sets a measured ratio against its target."""
    met = ratio <= bound if at_most else ratio >= bound
    words = "at most" if at_most else "at least"
    return f"{name}: {ratio:.2f} (target: {words} {bound:g}; {'met' if met else 'missed'})"


def mode(packages: Sequence[str]) -> str:
    """Return processor, BLAS kernels and threads actually in use, and versions, in lines."""
    python = f"Python {platform.python_version()}"
    return "\n".join(
        [
            f"processor: {_processor()}, {os.cpu_count()} cores",
            *(f"BLAS: {line}" for line in _blas()),
            "versions: " + ", ".join([python, *(f"{name} {version(name)}" for name in packages)]),
        ]
    )


def _blas() -> list[str]:
    """Return one line per loaded BLAS; empty where none is loaded."""
    if "numpy" not in sys.modules:
        return []
    from threadpoolctl import threadpool_info

    asked = os.environ.get("OPENBLAS_CORETYPE")
    wish = f"OPENBLAS_CORETYPE={asked}" if asked else "OPENBLAS_CORETYPE unset"
    return [
        f"{Path(found['filepath']).parent.name}: {found['internal_api']} {found['version']}, "
        f"{found.get('architecture', 'kernels unknown')} kernels ({wish}), "
        f"threads: {found['num_threads']}"
        for found in threadpool_info()
        if found["user_api"] == "blas"
    ]


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    fields = dict(re.findall(r"^(model name|cpu family|model)\s*: (.*)$", text, re.MULTILINE))
    name = fields.get("model name", platform.machine())
    where = [
        f"{key.removeprefix('cpu ')} {fields[key]}"
        for key in ("cpu family", "model")
        if key in fields
    ]
    return f"{name} ({', '.join(where)})" if where else name
