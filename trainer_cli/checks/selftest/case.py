"""An experiment whose verdict is known, because it is sound or because one fault was planted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from trainer_cli.config.experiment import Experiment
from trainer_cli.datasets import Dataset
from trainer_cli.training.findings import Finding, Verdict, verdict

Kind = Literal["data", "experiment file", "layer code", "training loop", "sound"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# The rule of what never became an experiment: the file or the data were refused, with a reason.
REFUSED = "refused"
# What stands for a rule where there is nothing to name.
NOTHING = "sound"

Arrays = Mapping[str, NDArray[Any]]
Plant = Callable[[Experiment, Dataset], tuple[Experiment, Dataset]]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One experiment for `check`, as a user would bring it.

    kind     where the fault lies, or that there is none
    rules    the rules that name it rightly, the best first; none where it is sound
    file     the experiment file's text
    sets     changes of it, as with --set
    arrays   draws what the file finds as data.npz beside itself
    network  the user's network that the file finds as network.py, one of `networks/`
    edit     text in it and what that is replaced by: the fault in its code
    plant    changes experiment and data once they are read: what no file can say
    """

    name: str
    kind: Kind
    rules: tuple[str, ...] = ()
    file: str
    sets: tuple[str, ...] = ()
    arrays: Callable[[np.random.Generator], Arrays] | None = None
    network: str | None = None
    edit: tuple[str, str] | None = None
    plant: Plant | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What `check` said of a case.

    rule     what a reader takes for the name: the first rule that fails, or else warns
    message  what it says
    others   further rules that fail or warn
    """

    case: str
    seed: int
    verdict: Verdict
    rule: str | None
    message: str | None
    others: tuple[str, ...]
    seconds: float


def outcome(case: Case, seed: int, findings: list[Finding], seconds: float) -> Outcome:
    """Return what findings come down to."""
    alarms = [each for status in ("fail", "warn") for each in findings if each.status == status]
    return Outcome(
        case=case.name,
        seed=seed,
        verdict=verdict(alarms),
        rule=alarms[0].rule if alarms else None,
        message=alarms[0].message if alarms else None,
        others=tuple(dict.fromkeys(finding.rule for finding in alarms[1:])),
        seconds=seconds,
    )
