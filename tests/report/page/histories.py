"""Runs made up for the tests of pages: histories of any fate, and the facts around them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from typing import Any

import numpy as np

from tests.experiments import DIGITS, blobs, data_of
from trainer_cli.config.dump import to_yaml
from trainer_cli.nn.network import Network
from trainer_cli.report.page.facts import RunFacts
from trainer_cli.report.page.first_layer import first_layer
from trainer_cli.report.page.markup import VOID
from trainer_cli.report.page.missing import Missing
from trainer_cli.report.page.validated import validate
from trainer_cli.training.history import (
    Epoch,
    History,
    Look,
    ParameterLook,
    Setting,
    Spread,
    Start,
)
from trainer_cli.training.layer_statistics import Histogram, LayerStatistics

STEPS = 20
SETTING = Setting(
    classes=10,
    examples=1258,
    validation_examples=270,
    majority=0.1,
    batch_size=32,
    steps_per_epoch=STEPS,
    epochs=5,
    best_by="validation_accuracy",
)
START = Start(loss=2.4, cost=2.5, accuracy=0.1, limit=7.5, constant=2.3, floor=0.0)
SPREAD = Spread(norm=3.0, min=-0.5, max=0.5, mean=0.0, std=0.1)


def history(member: int = 0, epochs: int = 5, **changes: Any) -> History:
    """Return a run that learned, best in its last epoch but one."""
    updates = np.arange(1, epochs * STEPS + 1)
    values = {
        "member": member,
        "setting": SETTING,
        "start": START,
        "losses": 2.4 / np.sqrt(updates) + 0.01 * member,
        "penalties": np.full(len(updates), 0.1),
        "rates": np.full(len(updates), 0.05),
        "epochs": tuple(epoch(number, epochs, member) for number in range(1, epochs + 1)),
        "looks": tuple(look(update) for update in range(0, len(updates) + 1, STEPS)),
        "stopped": "finished",
        "last_cost": 0.3,
    }
    return History(**{**values, **changes})


def epoch(number: int, epochs: int, member: int) -> Epoch:
    accuracy = 0.5 + 0.05 * number - (0.06 if number == epochs > 1 else 0) + 0.01 * member
    return Epoch(
        epoch=number,
        updates=number * STEPS,
        cost=1 / number + 0.1,
        penalty=0.1,
        train_loss=1 / number,
        train_accuracy=min(1.0, accuracy + 0.1),
        validation_loss=1.2 / number,
        validation_accuracy=accuracy,
        learning_rate=0.05,
    )


def look(update: int) -> Look:
    moved = None if update == 0 else SPREAD
    weights = [
        ParameterLook(
            parameter=f"network[{i}].{name}",
            values=SPREAD,
            updates=moved,
            ratio=None if moved is None else 1e-3 * (i + 1),
        )
        for i in (0, 2)
        for name in ("weights", "biases")
    ]
    return Look(
        update=update,
        epoch=-(-update // STEPS),
        parameters=tuple(weights),
        layers=tuple(statistics(i, kind) for i, kind in enumerate(("dense", "relu", "dense"))),
    )


def statistics(number: int, kind: str, **changes: Any) -> LayerStatistics:
    values = {
        "layer": f"network[{number}]",
        "kind": kind,
        "values": 50,
        "mean": 0.25,
        "std": 1.0,
        "gradient_mean": 0.0,
        "gradient_std": 0.1,
        "dead": 0.1 if kind == "relu" else 0.0,
        "alike": 0.0,
        "saturated": None,
        "histogram": Histogram(low=-2.0, high=2.0, counts=(1, 2, 4, 8, 8, 4, 2, 1)),
    }
    return LayerStatistics(**{**values, **changes})


def diverged(updates: int = 10, cost: float = 1e9, **changes: Any) -> History:
    """Return a run whose cost exploded after so many updates of its first epoch."""
    made = {"epochs": (), "looks": (look(0),), "stopped": "diverged", "last_cost": cost}
    return replace(
        history(epochs=1),
        losses=np.geomspace(2.4, 7.0, updates),
        penalties=np.zeros(updates),
        rates=np.full(updates, 30.0),
        **{**made, **changes},
    )


FINDINGS = [
    {"rule": "overfitting", "status": "warn", "message": "a gap of 10 points", "hint": "more l2"},
    {"rule": "plateau", "status": "pass", "message": "it fell to the end", "hint": None},
]
SUMMARY = {"verdict": "warn", "findings": FINDINGS, "seconds": 1.25}


@cache
def _untrained(experiment: Any, members: int) -> Network:
    dataset = data_of(experiment)
    network = Network(
        [experiment.network] * members, dataset.shape, capacity=256, dtype=np.dtype(np.float32)
    )
    rng = np.random.default_rng(0)
    network.parameters.values[:] = rng.normal(0, 0.1, network.parameters.values.size)
    return network


def facts(*histories: History, experiment: Any = DIGITS, **changes: Any) -> RunFacts:
    """Return what is known of a run of these members, on the digits unless an experiment says."""
    histories = histories or (history(),)
    members, dataset = [h.member for h in histories], data_of(experiment)
    network = _untrained(experiment, len(histories))
    values = {
        "name": "one",
        "folder": "runs/one",
        "config": to_yaml(experiment),
        "experiment": experiment,
        "histories": histories,
        "summary": SUMMARY,
        "dataset": dataset,
        "versions": {"nntrain": "0.1.0", "numpy": "2.0.0"},
        "first_layer": first_layer(network, members, dataset),
        "validated": validate(network, experiment, dataset),
    }
    return RunFacts(**{**values, **changes})


def exploded_facts(**changes: Any) -> RunFacts:
    why = Missing("runs/one has no best.safetensors")
    return facts(diverged(), first_layer=why, validated=why, **changes)


BLOBS = blobs(classes=3)


class Parsed(HTMLParser):
    """A page taken apart: it must be well-formed, and no two elements share a name.

    texts  what a reader sees, elements alike
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.ids: list[str] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []
        assert len(self.ids) == len(set(self.ids))

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.texts.append(data)

    @property
    def text(self) -> str:
        """All that can be read, pieces parted by a bar."""
        return "|".join(text.strip() for text in self.texts if text.strip())
