"""What the workers of a cluster compute with, and whether their results go together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_info

from trainer_cli import __version__
from trainer_cli.search.errors import WorkersError


@dataclass(frozen=True, kw_only=True)
class Setup:
    """Versions, what the processor can do, as far as bits depend on it, and threads for tasks.

    kernels     the kind of processor that matrix products are made for, such as Haswell
    extensions  the vector instructions that NumPy uses beyond those of every processor
    """

    nntrain: str
    numpy: str
    kernels: str
    extensions: tuple[str, ...]
    threads: int

    def __str__(self) -> str:
        return f"NumPy {self.numpy} on {' '.join([self.kernels, *self.extensions])}"


def setup_of_worker(dask_worker: Any) -> Setup:
    """Return the setup of the worker that calls this."""
    kernels = sorted({str(library.get("architecture")) for library in threadpool_info()})
    numpy: Any = np.show_config(mode="dicts")
    return Setup(
        nntrain=__version__,
        numpy=np.__version__,
        kernels="/".join(kernels),
        extensions=tuple(numpy["SIMD Extensions"].get("found", ())),
        threads=dask_worker.state.nthreads,
    )


def remarks_on(setups: Mapping[str, Setup | Exception]) -> list[str]:
    """Return what the user should know of the workers that are there, by their address.

    Raises WorkersError if one of them does not have this nntrain.
    """
    good: list[Setup] = []
    for address, setup in setups.items():
        if isinstance(setup, Exception):
            raise WorkersError(
                f"the worker {address} cannot use nntrain: {setup}",
                "install nntrain on every worker: see docs/cluster.md",
            )
        require_version(address, theirs=setup.nntrain, ours=__version__)
        good.append(setup)
    remarks: list[str] = []
    if not good:
        remarks.append("the cluster has no worker yet: stacks wait for the first")
    kinds = sorted({str(setup) for setup in good})
    if len(kinds) > 1:
        remarks.append(
            f"workers differ ({', '.join(kinds)}): the last bits of a result may depend on which "
            "of them trains it"
        )
    if any(setup.threads > 1 for setup in good):
        remarks.append("workers with several threads are slow: give each --nthreads 1")
    return remarks


def require_version(address: str, *, theirs: str, ours: str) -> None:
    """Raise WorkersError if a worker's nntrain is another than that of the program."""
    if theirs != ours:
        raise WorkersError(
            f"the worker {address} has nntrain {theirs}, not {ours}",
            "install the same version everywhere: results depend on it",
        )
