"""What goes wrong in somebody's own Python is told with their own file and line."""

from __future__ import annotations

import pytest

from tests.checks.own.planting import SOURCE, checked, planted
from trainer_cli.config.problems import ExperimentError

LOSS = "loss(X, y) gives (loss, grads), and loss(X) the scores, one row for each example"
NO_NETWORK = (
    "return an object with params, a dict of arrays, and loss(X, y), or a torch.nn.Module: see "
    "docs/your-own-network.md"
)
LINES = SOURCE.splitlines()
DEF_BUILD = LINES.index("def build(input_shape, classes, seed):") + 1
DEF_LOSS = LINES.index("    def loss(self, X, y=None):") + 1
RETURN = "    return TwoLayerNet("
LINE_OF_RETURN = next(n for n, line in enumerate(LINES, 1) if line.startswith(RETURN))

# What stands there, what then stands there; the line that is blamed, message and hint.
RAISED = [
    (
        "hidden @ W2 + b2",
        "hidden.dots(W2)",
        LINES.index("        scores = hidden @ W2 + b2") + 1,
        "loss(X) raised AttributeError: 'numpy.ndarray' object has no attribute 'dots'",
        "it was given X of the shape (200, 8, 8, 1): flatten it, or have images as (C, H, W) with "
        "network.layout: channels_first",
    ),
    (
        RETURN,
        f"    raise SystemExit\n{RETURN}",
        LINE_OF_RETURN,
        "build raised SystemExit",
        "in build of your own; nntrain only called it",
    ),
    (
        "(input_shape, classes, seed):",
        "(input_shape, classes, seed, width):",
        DEF_BUILD,
        "build raised TypeError: build() missing 1 required positional argument: 'width'",
        "in build of your own; nntrain only called it",
    ),
    (
        RETURN,
        "    TwoLayerNet(",
        DEF_BUILD,
        "build returned None, which is no network",
        NO_NETWORK,
    ),
    ("return loss, grads", "return loss", DEF_LOSS, "loss(X, y) must return (loss, grads), got a "
     "float64", LOSS),
    ("return loss, grads", "return grads, loss", DEF_LOSS, "loss(X, y) must return (loss, grads), "
     "got (dict, float64)", LOSS),
    ("def build", "def make", None, "build is not there", "network.import names net.py:build"),
    (
        "import numpy as np",
        "import numpyy as np",
        3,
        "importing net.py raised ModuleNotFoundError: No module named 'numpyy'",
        "in importing net.py of your own; nntrain only called it",
    ),
    ("def build(", "def build((", DEF_BUILD, "SyntaxError: Function parameters cannot be "
     "parenthesized", "importing net.py needs it"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "fault", "line", "message", "hint"), RAISED)
def test_the_users_own_line(right, fault, line, message, hint, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ExperimentError) as caught:
        checked(tmp_path, planted(right, fault))
    (problem,) = caught.value.problems
    assert (problem.file, problem.line) == ("net.py", line)
    assert (problem.message, problem.hint) == (message, hint)


def test_no_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ExperimentError) as caught:
        checked(tmp_path, SOURCE, 'data: {source: digits}\nnetwork: {import: "other.py:build"}\n')
    (problem,) = caught.value.problems
    assert (problem.file, problem.message) == ("other.py", "no such file")
    assert problem.hint == "network.import is relative to the experiment file"


def test_a_module_and_what_lies_beside_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own_layers_beside.py").write_text(SOURCE, encoding="utf-8")
    beside = "from own_layers_beside import build\n"
    assert checked(tmp_path, beside, chosen=["network"])["network"][0].status == "pass"
    module = 'data: {source: digits}\nnetwork: {import: "own_layers_beside:build"}\n'
    assert checked(tmp_path, "", module, chosen=["network"])["network"][0].status == "pass"


def test_build_gets_what_it_names(tmp_path):
    source = SOURCE.replace(
        "def build(input_shape, classes, seed):\n    return",
        "def build(classes, layout=None):\n    input_shape, seed = (8, 8, 1), 0\n    return",
    )
    assert checked(tmp_path, source, chosen=["network"])["network"][0].status == "pass"


def test_images_with_channels_first(tmp_path):
    source = SOURCE.replace(
        "X = X.reshape(len(X), -1)", "assert X.shape[1:] == (1, 8, 8); X = X.reshape(len(X), -1)"
    ).replace(
        "    return TwoLayerNet(", "    assert input_shape == (1, 8, 8)\n    return TwoLayerNet("
    )
    experiment = (
        'data: {source: digits}\nnetwork: {import: "net.py:build", layout: channels_first}\n'
    )
    assert checked(tmp_path, source, experiment, chosen=["network"])["network"][0].status == "pass"
