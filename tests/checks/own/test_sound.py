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
    "scales X": ("X = X.reshape(len(X), -1)", "X = 1.5 * X.reshape(len(X), -1)"),
    "smoothed labels": None,
}


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_network_passes(name, tmp_path):
    source = SOURCE
    if name == "penalty without a half":
        source = SOURCE.replace("0.5 * self.reg", "self.reg").replace(
            "+ self.reg", "+ 2 * self.reg"
        )
    elif name == "smoothed labels":
        smooth = (
            "t = 0.1 / p.shape[1] + 0.9 * np.eye(p.shape[1])[y]; loss = -(t * np.log(p)).sum() / n"
        )
        source = planted("loss = -np.log(p[np.arange(n), y]).mean()", smooth)
        source = source.replace("d[np.arange(n), y] -= 1", "d -= t")
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
    # With two layers a gradient has not far to go; neither batch norm nor dropout is there.
    equal = ["vanishing-activations"] if name == "zero output layer" else []
    assert skips == [
        "unscaled-inputs",
        "running-averages",
        "dropout-scale",
        *without,
        *equal,
        "vanishing-gradient",
        "dead-units",
    ]


def test_skips_say_why(tmp_path):
    found = checked(tmp_path, SOURCE, chosen=["activations", "independence"])
    skips = [each for findings in found.values() for each in findings if each.status == "skip"]
    assert [(each.rule, each.message) for each in skips] == [
        ("running-averages", "not judged: training does not normalize by the batch"),
        ("dropout-scale", "not judged: there is no noise in training"),
        (
            "vanishing-gradient",
            "not judged: fewer than 4 layers between inputs and scores, so no gradient has far to "
            "go",
        ),
        ("dead-units", "not judged: the units of a network of your own cannot be looked into"),
    ]


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


LOSS = "loss = -np.log(p[np.arange(n), y]).mean()"
SLOPE = "d = p.copy()\n        d[np.arange(n), y] -= 1\n"
BINARY = planted(
    LOSS, "loss = (np.logaddexp(0, scores).sum(axis=1) - scores[np.arange(n), y]).mean()"
).replace(SLOPE, "d = 1 / (1 + np.exp(-scores))\n        d[np.arange(n), y] -= 1\n")
FOCAL = planted(
    LOSS,
    "q = p[np.arange(n), y]\n        loss = -((1 - q) ** 2 * np.log(q)).mean()",
).replace(
    SLOPE,
    "d = p.copy()\n        d[np.arange(n), y] -= 1\n"
    "        d *= ((1 - q) ** 2 - 2 * (1 - q) * q * np.log(q))[:, None]\n",
)


def test_a_binary_cross_entropy_is_recognized(tmp_path):
    found = checked(tmp_path, BINARY)
    assert wrong(found) == []
    at_zero, built = found["loss"]
    assert at_zero.message == (
        "not judged: the loss is a squared error or a binary cross-entropy, and neither softmax "
        "nor hinge"
    )
    assert built.message == ("not judged: what chance gives is not known of a loss of this kind")


def test_a_loss_of_another_kind_warns_and_can_be_allowed(tmp_path):
    found = checked(tmp_path, FOCAL)
    assert wrong(found) == [
        (
            "loss-at-zero-scores",
            "warn",
            "with all parameters at zero the loss is #, but would be: ln # = #",
            "look at how it is summed, averaged and normalized; where another kind of loss is "
            "meant, write checks: {loss-at-zero-scores: ignore}",
        )
    ]
    allowed = EXPERIMENT + "checks: {loss-at-zero-scores: ignore}\n"
    assert wrong(checked(tmp_path, FOCAL, allowed)) == []
