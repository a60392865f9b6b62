"""The scale of the inputs is judged by what the first weights of a module make of them."""

from __future__ import annotations

import pytest

from tests.checks.own.planting import checked
from tests.checks.own.test_torch_signals import FIRST, planted
from tests.checks.own.torch_modules import PLAIN

pytest.importorskip("torch")


def scale(folder, source, preprocess):
    experiment = FIRST.replace("[{type: scale, by: 16}, center]", preprocess)
    findings = checked(folder, source, experiment, chosen=["data"])["data"]
    return next(each for each in findings if each.rule == "unscaled-inputs")


def test_unscaled_inputs_are_told_by_what_the_first_weights_make_of_them(tmp_path):
    found = scale(tmp_path, planted("x.flatten(1)", "x.flatten(1)"), "[{type: scale, by: 0.1}]")
    assert found.status == "warn"
    assert found.message == (
        f"the inputs have a root mean square of {found.measured:.3g}, of which a (Linear) makes a "
        f"signal of {found.evidence['signal']:.3g}: too large for this start"
    )
    assert found.hint == "add standardize to data.preprocess, or scale by the largest value"
    own = planted("self.a(x.flatten(1))", "self.a(x.flatten(1) / 200)")
    found = scale(tmp_path, own, "[{type: scale, by: 0.1}]")
    assert found.status == "pass"
    found = scale(tmp_path, PLAIN, "[{type: scale, by: 0.1}]")
    assert found.status == "pass"
    assert found.message == (
        f"normalization undoes the scale of the inputs, {found.measured:.3g} in the mean square"
    )
    tiny = planted("self.start()", "self.a.bias.data.zero_()")
    found = scale(tmp_path, tiny, "[{type: scale, by: 1e5}]")
    assert found.status == "warn"
    assert found.message.endswith("too small for this start")
    assert found.hint == "look whether data.preprocess scales twice, or add standardize to it"
