"""Sound networks that users write, each as it is and with changes that leave it right."""

from __future__ import annotations

from trainer_cli.checks.selftest.case import Case
from trainer_cli.checks.selftest.files import OWN

TWO, DEEP = "two_layer", "fully_connected"
FLAGS = 'HIDDEN, NONLINEARITY = (50, 30), "relu"\nNORMALIZED = True\nDROPPED = 0.2'


def _sound(name: str, network: str, before: str | None = None, after: str = "", *sets: str) -> Case:
    return Case(
        name=name,
        kind="sound",
        file=OWN,
        sets=sets,
        network=network,
        edit=None if before is None else (before, after),
    )


def _deep(name: str, hidden: str, nonlinearity: str, normalized: bool, dropped: float) -> Case:
    flags = f'HIDDEN, NONLINEARITY = {hidden}, "{nonlinearity}"\n'
    return _sound(name, DEEP, FLAGS, f"{flags}NORMALIZED = {normalized}\nDROPPED = {dropped}")


NETWORKS = (
    _sound("own network of two layers", TWO),
    _sound("own network without penalty", TWO, "reg=1e-3", "reg=0.0"),
    _sound("own network with tiny weights", TWO, "* np.sqrt(2 / inputs)", "* 1e-4"),
    _sound(
        "own network in float32",
        TWO,
        "rng.standard_normal((inputs, hidden)) * np.sqrt(2 / inputs)",
        "(rng.standard_normal((inputs, hidden)) / 8).astype(np.float32)",
    ),
    _sound("own network with biases in rows", TWO, "np.zeros(hidden)", "np.zeros((1, hidden))"),
    _sound("own linear classifier with a hinge loss", "linear_svm"),
    _sound("own linear classifier, svm in the file", "linear_svm", None, "", "loss=svm"),
    _sound("own convolutional network", "convolutional"),
    _sound("own recurrent network", "recurrent"),
    _sound("own residual network", "residual"),
    _sound("own network with batch norm and dropout", DEEP),
    _deep("own network with tanh and dropout", "(50, 30)", "tanh", False, 0.5),
    _deep("own network with relu and dropout", "(50, 30)", "relu", False, 0.5),
    _deep("own network of six layers", "(40,) * 5", "relu", False, 0.0),
    _deep("own network of six normalized layers", "(40,) * 5", "tanh", True, 0.0),
    _deep("own network of sigmoid", "(40,)", "sigmoid", False, 0.0),
    _sound(
        "own dropout at test time alone",
        DEEP,
        "        return x, 1.0\n    mask = (np.random.rand(*x.shape) >= DROPPED) / (1 - DROPPED)"
        "  # noqa: NPY002",
        "        return x * (1 - DROPPED), 1.0\n    mask = np.random.rand(*x.shape) >= DROPPED",
    ),
    _sound(
        "own dropout with a generator of its own",
        DEEP,
        "    mask = (np.random.rand(*x.shape) >= DROPPED) / (1 - DROPPED)  # noqa: NPY002",
        "    mask = (GENERATOR.random(x.shape) >= DROPPED) / (1 - DROPPED)",
    ),
)
