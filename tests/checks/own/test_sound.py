"""A network of one's own that is right passes every check that makes sense on it."""

from __future__ import annotations

import pytest

from tests.checks.own.planting import EXPERIMENT, SOURCE, checked, planted, wrong

# Changes that leave it right: (what stands there, what then stands there).
SOUND = {
    "as it is": ("", ""),
    "penalty without a half": None,
    "small weights": ("np.sqrt(2 / inputs)", "1e-4"),
    "narrow": ("int(np.prod(input_shape)), 50", "int(np.prod(input_shape)), 12"),
    "wide": ("int(np.prod(input_shape)), 50", "int(np.prod(input_shape)), 500"),
    "zero output layer": ("np.sqrt(2 / hidden)", "0.0"),
    "no reg": ("        self.reg = reg\n", ""),
    "float32 parameters": (
        '"W1": rng.standard_normal((inputs, hidden))',
        '"W1": rng.standard_normal((inputs, hidden)).astype(np.float32)',
    ),
    "prints": ("n = len(X)\n", "n = len(X)\n        print(n)\n"),
    "changes X": ("X = X.reshape(len(X), -1)", "X *= 1.5; X = X.reshape(len(X), -1)"),
}


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_network_passes(name, tmp_path):
    source = SOURCE
    if name == "penalty without a half":
        source = SOURCE.replace("0.5 * self.reg", "self.reg").replace(
            "+ self.reg", "+ 2 * self.reg"
        )
    elif name == "no reg":
        source = SOURCE.replace("self.reg = reg", "self._reg = reg").replace(
            "self.reg ", "self._reg "
        )
    elif name != "as it is":
        source = planted(*SOUND[name])
    found = checked(tmp_path, source)
    assert wrong(found) == []
    assert len(found) >= 11
    del found["settings"]  # of which most have nothing to say here
    skips = [f.rule for findings in found.values() for f in findings if f.status == "skip"]
    without = ["regularization-loss"] if name == "no reg" else []
    assert skips == ["unscaled-inputs", *without, "vanishing-activations"]


def test_skips_say_why(tmp_path):
    (skip,) = checked(tmp_path, SOURCE, chosen=["activations"])["activations"]
    assert skip.message == ("not judged: the layers of a network of your own cannot be looked into")
    adam = EXPERIMENT.replace("type: sgd", "type: adam")
    (skip,) = checked(tmp_path, SOURCE, adam, chosen=["rate"])["rate"]
    assert skip.message == (
        "not judged: the rate is adam's, and a network of your own is probed with sgd"
    )
    assert skip.hint == "name sgd or momentum as the optimizer to have its rate judged"


def test_a_hinge_loss_is_recognized(tmp_path):
    hinge = planted(
        "loss = -np.log(p[np.arange(n), y]).mean()",
        "m = np.maximum(0, scores - scores[np.arange(n), y][:, None] + 1)\n"
        "        m[np.arange(n), y] = 0\n"
        "        loss = m.sum() / n",
    ).replace(
        "d = p.copy()\n        d[np.arange(n), y] -= 1",
        "d = (m > 0).astype(float)\n        d[np.arange(n), y] -= d.sum(axis=1)",
    )
    assert wrong(checked(tmp_path, hinge, EXPERIMENT + "loss: svm\n")) == []
    assert wrong(checked(tmp_path, hinge)) == []


def test_checking_twice_gives_the_same(tmp_path):
    first, second = (checked(tmp_path, SOURCE) for _ in range(2))
    for name, findings in first.items():
        assert [f.message for f in findings] == [f.message for f in second[name]]
