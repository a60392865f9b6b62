"""Class weights: a list of numbers in the file, one for every class."""

from pathlib import Path

import pytest

from tests.config.reading import SMALLEST, load_text
from trainer_cli.config.data_rules import broken_rules
from trainer_cli.config.dump import to_yaml
from trainer_cli.nn.losses import Softmax, SquaredSvm, Svm


def broken(loss):
    return list(broken_rules({"loss": loss}, None, 3))


def test_a_list_of_numbers_is_read_and_written(tmp_path: Path) -> None:
    numbers = ", ".join(["1", "2.5", "1e-3", *["1"] * 7])
    text = f"{SMALLEST}loss: {{type: svm, margin: 2, class_weights: [{numbers}]}}\n"
    experiment = load_text(tmp_path, text).experiment
    assert experiment.loss == Svm(margin=2, class_weights=(1, 2.5, 1e-3, *[1] * 7))
    assert load_text(tmp_path, to_yaml(experiment)).experiment == experiment


def test_null_and_an_override(tmp_path: Path) -> None:
    text = SMALLEST + "loss: {type: softmax, class_weights: null}\n"
    assert load_text(tmp_path, text).experiment.loss == Softmax()
    ten = "[2, 1, 1, 1, 1, 1, 1, 1, 1, 1]"
    changed = load_text(tmp_path, text, [f"loss.class_weights={ten}", "loss.class_weights.9=4"])
    assert changed.experiment.loss == Softmax(class_weights=(2, *[1] * 8, 4))


@pytest.mark.parametrize("cls", [Softmax, SquaredSvm, Svm])
def test_one_weight_for_every_class(cls) -> None:
    assert broken(cls()) == []
    assert broken(cls(class_weights=(1.0, 2.0, 3.0))) == []
    ((key, message, hint),) = broken(cls(class_weights=(1.0, 2.0)))
    assert key == ("loss", "class_weights")
    assert message == "must have one weight for each of the 3 classes, got 2 weights"
    assert hint == "class_weights holds the weights of the classes, in the order of their labels"
    for count, words in ((0, "0 weights"), (1, "1 weight"), (4, "4 weights")):
        ((_, message, _),) = broken(cls(class_weights=(1.0,) * count))
        assert message == f"must have one weight for each of the 3 classes, got {words}"
