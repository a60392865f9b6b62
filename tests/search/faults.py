"""Data sources that do to a worker what bad luck does to it, and one that looks around there."""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

from threadpoolctl import threadpool_info

from tests.experiments import DIGITS
from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Data
from trainer_cli.training.memory import DoesNotFitError


@dataclass(frozen=True)
class Deadly:
    """Kills the first processes to read it; `log` grows by a byte for each that reads."""

    log: Path
    deaths: int
    type: str = "deadly"

    def read(self):
        with self.log.open("a") as file:
            file.write("x")
        if self.log.stat().st_size <= self.deaths:
            os.kill(os.getpid(), signal.SIGKILL)
        return DIGITS.data.source.read()


@dataclass(frozen=True)
class Sleepy:
    """Takes its time, and says nothing."""

    def read(self):
        time.sleep(1000)


@dataclass(frozen=True)
class Unpicklable:
    """Raises an error that cannot be made again from its pickle."""

    def read(self):
        raise DoesNotFitError("a test", 3 * 2**30, 2**30)


@dataclass(frozen=True)
class Witness:
    """Raises what it sees: BLAS threads, whether Ctrl-C is ignored, modules of no use here."""

    def read(self):
        threads = {library["num_threads"] for library in threadpool_info()}
        ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        heavy = {"typer", "rich", "pydantic", "yaml", "matplotlib", "pytest"} & set(sys.modules)
        raise LookupError(threads, ignored, heavy)


def on(source, experiment: Experiment = DIGITS) -> Experiment:
    """Return the experiment with other data."""
    return replace(experiment, data=Data(source=source, preprocess=experiment.data.preprocess))
