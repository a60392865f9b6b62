"""Which settings hold a network back that has learned, but less than it could without them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from trainer_cli.training.diagnosis.case import Case
from trainer_cli.training.diagnosis.suspects import Removal, suspects
from trainer_cli.training.findings import counted, loss_text

# A loss is clearly lower if it is so by a tenth of what there is to gain.
CLEARLY = 0.1
MOST_UPDATES = 300


@dataclass(frozen=True, kw_only=True)
class Held:
    """Settings without which a few updates come further than all of the run did."""

    message: str
    hint: str


def held_back(case: Case) -> Held | None:
    """Return which settings hold the network back, all together or some by themselves.

    Without them, no more updates than the run had, at most 300 at its own rate, must take the loss
    clearly below where the run ended.
    """
    # Without smoothing the loss is another.
    named = {
        name: removal
        for name, removal in suspects(case.experiment).items()
        if not name.startswith("loss.")
    }
    reached = _reached(case, list(named.values())) if named else None
    if reached is None:
        return None
    guilty = list(named)
    if len(named) > 1:
        alone = {name: _reached(case, [removal]) for name, removal in named.items()}
        guilty = [name for name, loss in alone.items() if loss is not None] or guilty
        reached = alone[guilty[0]] if len(guilty) == 1 else reached
    if case.stop() or reached is None:
        return None
    settings = " and ".join(guilty)
    several = " and " in settings
    return Held(
        message=f"{settings} {'are' if several else 'is'} too strong",
        hint=f"weaken {settings}: without {'them' if several else 'it'}, "
        f"{counted(_updates(case), 'update')} from the same start take the loss to "
        f"{loss_text(reached)}, and all of this run to {loss_text(case.end.train_loss)}",
    )


def _updates(case: Case) -> int:
    return min(case.history.updates, MOST_UPDATES)


def _reached(case: Case, removals: Sequence[Removal]) -> float | None:
    """Return the loss that is reached without some settings, None if it is not clearly lower."""
    bare = reduce(lambda before, remove: remove(before), removals, case.experiment)
    (trial,) = case.trials([case.rate], _updates(case), bare)
    reached = min(case.history.start.loss, case.history.start.constant) - trial.decrease
    return reached if case.left(case.end.train_loss) - case.left(reached) >= CLEARLY else None
