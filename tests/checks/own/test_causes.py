"""Which operation loses a signal, makes NaN, or has no slope is told; no torch is needed."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from trainer_cli.checks.own.copies import copies
from trainer_cli.checks.own.idle import detached
from trainer_cli.checks.own.not_finite import NAN, first_not_finite
from trainer_cli.checks.own.passage import Op, UntraceableError
from trainer_cli.checks.own.signal_causes import lost_at_once, never_above_zero
from trainer_cli.checks.own.stepwise import check_stepwise

X, Y = np.array([[-1.0, 0.5], [2.0, 0.5]]), np.zeros(2, int)


def chain(*made):
    """Return an operation for each kind, name and values; each takes in the one before."""
    ops = []
    for kind, name, values in made:
        ops.append(Op(kind=kind, function=name, values=np.array(values), taken=ops[-1:]))
    return ops


def bench(network):
    return SimpleNamespace(network=lambda: network, evenly=lambda most: (X, Y))


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (
            [[1.0, np.nan]],
            ("log (call 1) makes NaN of values from -1 to 2: 50% of what it gives", NAN),
        ),
        (
            [[np.inf, 4.0]],
            ("log (call 1) makes infinity of values from -1 to 2: 50% of what it gives", None),
        ),
        ([[1.0, 2.0]], None),
    ],
)
def test_the_first_operation_that_makes_no_number_is_told(made, told):
    ops = chain(("Clone", None, X), ("Log", "log", made), ("Mul", "mul", [[np.nan, np.nan]]))
    ops = ops if told else ops[:2]
    assert first_not_finite(bench(SimpleNamespace(passage=lambda x, y: ops))) == told


def test_what_cannot_be_followed_tells_no_operation():
    def passage(x, y):
        raise UntraceableError("no way")

    assert first_not_finite(bench(SimpleNamespace(passage=passage))) is None
    assert first_not_finite(bench(SimpleNamespace(passage=lambda x, y: None))) is None


@pytest.mark.parametrize(
    ("kind", "name", "after"),
    [
        (
            "NativeLayerNorm",
            "layer_norm",
            "it normalizes over a single value, or over all that differs",
        ),
        ("Mean", "mean", "the mean of what was normalized just before is always the same"),
    ],
)
def test_a_signal_that_is_lost_in_one_step_is_told(kind, name, after):
    lost = chain(("Clone", None, X), (kind, name, 1e-17 * X))
    told = f"{name} (call 1) takes away in one step what tells the examples apart: {after}"
    assert lost_at_once(lost) == told
    assert lost_at_once(chain(("Clone", None, X), (kind, name, 1e-3 * X))) is None


def test_a_relu_that_is_given_nothing_above_zero_is_told():
    shut = chain(("Neg", "neg", [[-2.0, 0.0]]), ("Relu", "relu", [[0.0, 0.0]]))
    assert never_above_zero(shut) == (
        "nothing that it is given is above 0 (from -2 to 0): look at the sign of what comes before "
        "it"
    )
    low = chain(("Addmm", "linear", [[-2.0, -1.0]]), ("Relu", "relu", [[0.0, 0.0]]))
    assert never_above_zero(low) is None  # a bias may do that


class Steps:
    """A cost that goes by the first parameter's sign, and by the second one itself."""

    module = object()

    def __init__(self):
        self.parameters = {"a": np.array([[0.5, 0.5]]), "b": np.array([[1.0, 1.0]])}

    def cost(self, x, y):
        return float(np.sign(self.parameters["a"]).sum() + self.parameters["b"].sum())

    def passage(self, x, y):
        return chain(("Clone", None, X), ("Sign", "sign", X))


def test_a_step_function_is_told_from_what_is_detached():
    rng = np.random.default_rng(0)
    found = check_stepwise(Steps(), {"a": np.zeros((1, 2)), "b": None}, X, Y, rng)
    assert found is not None
    assert found.message == (
        "the cost depends on a only in steps, so that no gradient comes back to it: a step "
        "function is in the way (sign (call 1))"
    )
    assert check_stepwise(Steps(), {"a": np.ones((1, 2)), "b": None}, X, Y, rng) is None


def test_parameters_without_a_gradient_are_counted():
    names = ["a", "b", "c", "d"]
    by = "detach(), .data, torch.no_grad() or NumPy"
    assert detached(names, 9) == (
        "there is no gradient of a, b, c and 1 more",
        f"something between them and the scores is detached from the graph, by {by}",
    )
    assert detached(names, 4) == (
        "no parameter has a gradient",
        f"the scores are detached from the graph, by {by}",
    )


@pytest.mark.parametrize(
    ("second", "slope", "expected"), [(1.0, 1.0, ("a", "b")), (1.0, 2.0, None), (2.0, 1.0, None)]
)
def test_copies_are_told_where_they_learn_the_same(second, slope, expected):
    network = SimpleNamespace(
        parameters={"a": X.copy(), "b": second * X},
        gradients=lambda x, y: (1.0, {"a": X, "b": slope * X}),
    )
    assert copies(bench(network)) == expected
