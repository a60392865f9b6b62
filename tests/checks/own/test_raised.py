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
        "in loss(X) of your own; nntrain only called it",
    ),
    (
        "X = X.reshape(len(X), -1)",
        "n, d = X.shape",
        LINES.index("        X = X.reshape(len(X), -1)") + 1,
        "loss(X) raised ValueError: too many values to unpack (expected 2)",
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
        "build may name input_shape, classes and seed, and gets those that it names: nothing is "
        "given for width; give what else it needs a default",
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
    (
        "import numpy as np",
        "import numpy as np\nfrom .layers import dense",
        4,
        "importing net.py raised ImportError: attempted relative import with no known parent "
        "package",
        "a file by itself is in no package: write network.import as package.module:build, from the "
        "folder that the package is in",
    ),
    (
        RETURN,
        f"    raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')\n{RETURN}",
        LINE_OF_RETURN,
        "build raised ModuleNotFoundError: No module named 'torch'",
        "torch is not installed where nntrain is: pip install 'nntrain[torch]'",
    ),
    (
        "        n = len(X)\n",
        "        raise AssertionError('Torch not compiled with CUDA enabled')\n",
        LINES.index("        n = len(X)") + 1,
        "loss(X, y) raised AssertionError: Torch not compiled with CUDA enabled",
        "it is checked on the processor: build it there, and leave cuda to training",
    ),
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


BY_LOSS = "loss(X, y) "
# What is added to the end of loss, or of __init__; what is said of it, whatever the hint.
IN_LOSS = {
    "self.params['W1'] = W1[:, :-1]": "changes the shape of W1 in params from (64, 50) to (64, 49)",
    "del self.params['b1']": "removes b1 from params",
    "self.params['b1'] = None": "replaces b1 in params, an array of float64, by NoneType",
    "self.params = None": "replaces params by a NoneType",
    "W1.flags.writeable = False": "makes W1 in params read-only",
    "loss = None": "must return a number and the gradients, got (NoneType, dict)",
    "loss = 1j": "must return a number and the gradients, got (complex, dict)",
    "loss = [[1], [1, 2]]": "must return (loss, grads), got (list, dict)",
}
END = "        return loss, grads\n"


@pytest.mark.parametrize("line", IN_LOSS)
def test_what_loss_does_to_params_or_returns(line, tmp_path):
    with pytest.raises(ExperimentError) as caught:
        checked(tmp_path, planted(END, f"        {line}\n{END}"))
    (problem,) = caught.value.problems
    assert problem.message == BY_LOSS + IN_LOSS[line]
    assert problem.line == DEF_LOSS
    assert problem.hint in (LOSS, "leave params as they are in loss: updates are the optimizer's")


GRADS = {"'abc'": "<U3", "grads['W1'] + 1j": "complex128", "np.array([None])": "object"}


@pytest.mark.parametrize("grad", GRADS)
def test_gradients_that_are_no_numbers(grad, tmp_path):
    with pytest.raises(ExperimentError) as caught:
        checked(tmp_path, planted(END, f"        grads['W1'] = {grad}\n{END}"))
    (problem,) = caught.value.problems
    assert problem.message == (
        f"reading the gradients raised TypeError: a gradient holds {GRADS[grad]}, not numbers"
    )
    assert problem.hint == LOSS


BUILT = {
    "int()": ("a int", ": it has no params, and it has no loss(X, y)"),
    "TwoLayerNet": ("the class TwoLayerNet", ": call it"),
    "type('Net', (), {'params': []})()": (
        "a Net",
        ": its params is a list, not a dict, and it has no loss(X, y)",
    ),
    "type('Net', (), {'params': {}, 'loss': print})()": ("a Net", ": its params is empty"),
    "type('Net', (), {'params': {1: 2}, 'loss': print})()": (
        "a Net",
        ": the names in its params are not text",
    ),
}


@pytest.mark.parametrize("made", BUILT)
def test_what_a_network_lacks(made, tmp_path):
    what, lacks = BUILT[made]
    with pytest.raises(ExperimentError) as caught:
        checked(tmp_path, planted(RETURN, f"    return {made}\n{RETURN}"))
    (problem,) = caught.value.problems
    assert problem.message == f"build returned {what}, which is no network{lacks}"
    assert problem.hint == NO_NETWORK


def test_a_class_in_place_of_build(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ExperimentError) as caught:
        checked(
            tmp_path, SOURCE, 'data: {source: digits}\nnetwork: {import: "net.py:TwoLayerNet"}\n'
        )
    (problem,) = caught.value.problems
    assert (problem.file, problem.line) == ("net.py", LINES.index("class TwoLayerNet:") + 1)
    assert problem.hint.endswith(
        "; write a function build(input_shape, classes, seed) that makes it"
    )


def test_build_that_takes_all(tmp_path):
    head = "def build(input_shape, classes, seed):\n"
    every = "def build(**given):\n    input_shape, classes, seed = given.values()\n"
    found = checked(tmp_path, planted(head, every), chosen=["network"])
    assert found["network"][0].status == "pass"


def test_parameters_without_elements(tmp_path):
    with pytest.raises(ExperimentError) as caught:
        checked(tmp_path, planted('"b1": np.zeros(hidden)', '"b1": np.zeros((0, 4))'))
    (problem,) = caught.value.problems
    assert problem.message == "params['b1'] has no elements: its shape is (0, 4)"
    assert problem.hint == "look at the sizes of the layers"
