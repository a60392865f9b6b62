"""The signals of a network whose operations are known are judged; no torch is needed."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from trainer_cli.checks.own.activations import RULES, check_activations
from trainer_cli.checks.own.passage import Op, UntraceableError

rng = np.random.default_rng(0)


def chain(sizes, kind="Relu", slopes=None):
    """Return dense layers with a nonlinearity behind each, whose outputs have these deviations."""
    ops = [Op(kind="Clone", values=rng.standard_normal((50, 8)))]
    for k, size in enumerate(sizes):
        name = f"fc{k}"
        dense = Op(kind="Addmm", weights=(8, 8), module=(name, "Linear"), taken=[ops[-1]])
        dense.values = size * rng.standard_normal((50, 8))
        bent = Op(kind=kind, module=(f"act{k}", kind), taken=[dense], values=dense.values.copy())
        bent.gradient = (slopes[k] if slopes else 1.0) * rng.standard_normal((50, 8))
        ops += [dense, bent]
    ops.append(Op(kind="Addmm", weights=(8, 8), module=("out", "Linear"), taken=[ops[-1]]))
    ops[-1].values = rng.standard_normal((50, 8))
    return ops


def judged(ops, rules=()):
    def passage(x, y):
        if isinstance(ops, str):
            raise UntraceableError(ops)
        return ops

    bench = SimpleNamespace(
        evenly=lambda most=200: (np.zeros((most, 8)), np.zeros(most, int)),
        network=lambda: SimpleNamespace(passage=passage),
        experiment=SimpleNamespace(checks=rules),
    )
    return {each.rule: each for each in check_activations(bench)}


def fired(found):
    return [(each.rule, each.status) for each in found.values() if each.status in ("warn", "fail")]


def test_sound_signals_pass():
    found = judged(chain([1, 0.5, 0.2], kind="Tanh"))
    assert tuple(found) == RULES
    assert {each.status for each in found.values()} == {"pass"}


@pytest.mark.parametrize(
    ("sizes", "slopes", "expected"),
    [
        ((1, 1e-2, 1e-4), None, [("vanishing-activations", "warn")]),
        ((1, 1e-4, 1e-8), None, [("vanishing-activations", "fail")]),
        ((1, 30, 500), None, [("exploding-activations", "warn")]),
        ((1, 100, 1e4), None, [("exploding-activations", "fail")]),
        ((1, 1, 1), (1e-3, 1e-2, 1), [("vanishing-gradient", "warn")]),
        ((1, 1, 1), (1e-6, 1e-3, 1), [("vanishing-gradient", "fail")]),
        ((1, 1, 1), (200, 10, 1), [("exploding-gradient", "warn")]),
    ],
)
def test_the_thresholds_are_those_of_layers(sizes, slopes, expected):
    assert fired(judged(chain(sizes, slopes=slopes))) == expected


def test_half_of_the_units_may_be_shut():
    ops = chain([1, 1])
    ops[4].values[:, :6] = 0
    assert fired(judged(ops)) == []
    ops[4].values[:, :7] = 0
    assert fired(judged(ops)) == [("dead-units", "warn")]
    ops[4].values[:] = 0
    assert fired(judged(ops)) == [("dead-units", "fail")]


def test_what_cannot_be_followed_says_why():
    (skip,) = judged("no gradient gets back to the inputs").values()
    assert (skip.rule, skip.status) == ("vanishing-activations", "skip")
    assert skip.message == "not judged: no gradient gets back to the inputs"
