"""The file metrics.jsonl: every update, epoch and look of a run, a line each, and back again.

A line is a JSON object whose "kind" is start, update, epoch, look or stopped. Where a run trains
several members, "member" says whose it is. No line holds a time: a run that was killed and resumed
leaves the same bytes as one that was not. NaN and infinities are null.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from itertools import chain
from math import isfinite, nan
from operator import add
from typing import Any

import numpy as np

from trainer_cli.training.history import (
    Epoch,
    History,
    Look,
    ParameterLook,
    Setting,
    Spread,
    Start,
    Stopped,
)
from trainer_cli.training.layer_statistics import Histogram, LayerStatistics

METRICS = "metrics.jsonl"

Record = Mapping[str, Any]


def start_record(member: int | None, setting: Setting, start: Start) -> Record:
    """Return the line that a run begins with: what it is trained on, and the untrained network."""
    return _record("start", member, {**asdict(setting), **asdict(start)})


def epoch_record(member: int | None, epoch: Epoch) -> Record:
    """Return the line of an epoch."""
    return _record("epoch", member, asdict(epoch))


def look_record(member: int | None, look: Look) -> Record:
    """Return the line of a look at the layers."""
    return _record("look", member, asdict(look))


def stopped_record(
    member: int | None, stopped: Stopped, epoch: int, updates: int, cost: float
) -> Record:
    """Return the line that says why training ended; `cost` is the one that ended it."""
    values = {"reason": stopped, "epoch": epoch, "updates": updates, "cost": cost}
    return _record("stopped", member, values)


def update_lines(
    members: Sequence[int] | None,
    epoch: int,
    first: int,
    losses: Sequence[Sequence[float]],
    penalties: Sequence[Sequence[float]],
    rates: Sequence[float],
) -> str:
    """Return the lines of updates in a row, from number `first` on, those of each member in turn.

    `losses` and `penalties` hold a row for each update with a number for each member.
    Written by hand, all lines at once: a training step of a small network takes as long as ten
    calls of json.dumps.
    """
    whose = [""] if members is None else [f'"member": {member}, ' for member in members]
    lines = "".join(
        f'{{"kind": "update", {head}"update": %s, "epoch": {epoch}, "cost": %s, "loss": %s, '
        '"penalty": %s, "learning_rate": %s}\n'
        for head in whose
    )
    loss, penalty = (list(chain.from_iterable(rows)) for rows in (losses, penalties))
    columns = (
        [update for update in range(first, first + len(rates)) for _ in whose],
        _shown([*map(add, loss, penalty)]),
        _shown(loss),
        _shown(penalty),
        [rate for rate in rates for _ in whose],
    )
    values: list[Any] = [None] * (len(columns) * len(loss))
    for i, column in enumerate(columns):
        values[i :: len(columns)] = column
    return lines * len(rates) % tuple(values)


def _shown(values: list[float]) -> Sequence[float | str]:
    """Return numbers as they are written: NaN and infinities are null."""
    if all(map(isfinite, values)):
        return values
    return [value if isfinite(value) else "null" for value in values]


def _record(kind: str, member: int | None, values: Record) -> Record:
    whose = {} if member is None else {"member": member}
    return {"kind": kind, **whose, **values}


class _Told:
    """What the lines of a file tell of one member: those of updates as numbers, to save memory."""

    def __init__(self) -> None:
        self.losses, self.penalties, self.rates = array("d"), array("d"), array("d")
        self.others: list[Record] = []

    def take(self, record: Record) -> None:
        if record["kind"] != "update":
            self.others.append(record)
            return
        self.losses.append(_value(record["loss"]))
        self.penalties.append(_value(record["penalty"]))
        self.rates.append(_value(record["learning_rate"]))

    def of(self, kind: str) -> Iterator[Record]:
        return (record for record in self.others if record["kind"] == kind)


def histories(records: Iterable[Record]) -> list[History]:
    """Return the history of every member that the lines of a file tell of, in their order.

    Raises ValueError for lines that no run has written.
    """
    by_member: dict[int, _Told] = {}
    try:
        for record in records:
            by_member.setdefault(record.get("member", 0), _Told()).take(record)
        return [_history(member, told) for member, told in sorted(by_member.items())]
    except (KeyError, TypeError) as error:
        raise ValueError(f"not the lines of a run: {error}") from None


def _history(member: int, told: _Told) -> History:
    begun = next(told.of("start"), None)
    if begun is None:
        raise ValueError(f"member {member} has no line of kind start")
    ended = next(told.of("stopped"), None)
    return History(
        member=member,
        setting=_from(Setting, begun),
        start=_from(Start, begun),
        losses=np.array(told.losses),
        penalties=np.array(told.penalties),
        rates=np.array(told.rates),
        epochs=tuple(_from(Epoch, record) for record in told.of("epoch")),
        looks=tuple(_look(record) for record in told.of("look")),
        stopped=None if ended is None else ended["reason"],
        last_cost=nan if ended is None else _value(ended["cost"]),
    )


def _value(value: Any) -> Any:
    return nan if value is None else value


def _from(cls: type[Any], record: Record) -> Any:
    """Return the dataclass whose fields a record holds; null is NaN."""
    return cls(**{field.name: _value(record[field.name]) for field in fields(cls)})


def _look(record: Record) -> Look:
    return Look(
        update=record["update"],
        epoch=record["epoch"],
        parameters=tuple(_parameter(each) for each in record["parameters"]),
        layers=tuple(_layer(each) for each in record["layers"]),
    )


def _parameter(record: Record) -> ParameterLook:
    updates = record["updates"]
    return ParameterLook(
        parameter=record["parameter"],
        values=_from(Spread, record["values"]),
        updates=None if updates is None else _from(Spread, updates),
        ratio=record["ratio"],
    )


def _layer(record: Record) -> LayerStatistics:
    histogram, saturated = record["histogram"], record["saturated"]
    if histogram is not None:
        counts = tuple(histogram["counts"])
        histogram = Histogram(low=histogram["low"], high=histogram["high"], counts=counts)
    known = {field.name: _value(record[field.name]) for field in fields(LayerStatistics)}
    return LayerStatistics(**{**known, "histogram": histogram, "saturated": saturated})
