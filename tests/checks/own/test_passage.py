"""What everything comes through is told from what has a way around it; no torch is needed."""

from __future__ import annotations

import numpy as np

from trainer_cli.checks.own.passage import (
    PASSING,
    Op,
    behind,
    called,
    feeders,
    learning,
    narrows,
    origin,
)


def op(kind, *taken, **settings):
    """Return an operation, counted as taken in by itself with those that it takes."""
    for each in taken:
        each.given += 1
    return Op(kind=kind, taken=taken, values=np.ones((2, 3)), **settings)


def dense(*taken, name="fc"):
    return op("Addmm", *taken, weights=(3, 3), function="linear", module=(name, "Linear"))


def chain():
    x = op("Clone")
    first = dense(x, name="a")
    relu = op("Relu", first, function="relu")
    view = op("View", relu, function="flatten")
    last = dense(view, name="b")
    return [x, first, relu, view, last]


def residual():
    """A block whose second layer has a way around it: a, relu, b, sum, c."""
    x = op("Clone")
    first = dense(x, name="a")
    relu = op("Relu", first, module=("act", "ReLU"))
    inside = dense(relu, name="b")
    bent = op("Relu", inside, module=("act, call 2", "ReLU"))
    deeper = dense(bent, name="c")
    total = op("Add", relu, deeper, function="add")
    last = dense(total, name="d")
    return [x, first, relu, inside, bent, deeper, total, last]


def test_in_a_chain_everything_comes_through_all():
    ops = chain()
    assert narrows(ops) == ops
    assert learning(ops) == [ops[1], ops[4]]


def test_a_branch_is_no_narrow():
    ops = residual()
    assert narrows(ops) == [*ops[:3], *ops[6:]]


def test_several_paths_that_never_meet_in_one_before_the_scores():
    x = op("Clone")
    one, two = op("Relu", x), op("Tanh", x)
    total = op("Add", one, two)
    assert narrows([x, one, two, total]) == [x, total]


def test_feeders_are_what_later_weights_take_in_and_nothing_leads_around():
    ops = chain()
    assert feeders(ops) == [(ops[2], ops[4])]
    ops = residual()
    assert feeders(ops) == [(ops[2], ops[3]), (ops[6], ops[7])]


def test_the_origin_is_behind_what_hands_values_on():
    ops = chain()
    assert origin(ops[3]) is ops[2]
    ops[2].values = None  # not seen: the nearest that was
    assert origin(ops[3]) is ops[3]
    assert origin(ops[1]) is ops[1]


def test_behind_follows_what_is_taken_once():
    ops = chain()
    assert list(behind(ops[4], PASSING)) == [ops[3], ops[2]]
    assert list(behind(ops[4], (*PASSING, "Relu"))) == [ops[3], ops[2], ops[1]]
    ops = residual()
    assert list(behind(ops[3], PASSING)) == []  # the sum takes it in too


def test_names():
    ops = residual()
    assert called(ops[2], ops) == ("act", "ReLU")
    assert called(ops[6], ops) == ("add before d", "Linear")
    alone = [op("Clone", function="input"), op("Tanh", function="tanh"), op("Tanh")]
    assert called(alone[1], alone) == ("tanh", "call 1")
    assert called(alone[2], alone) == ("tanh", "call 1")
