"""What several networks say together: means of probabilities and of scores, and their loss."""

from math import log

import numpy as np
import pytest

from trainer_cli.nn.losses import Softmax, SquaredSvm, Svm
from trainer_cli.training.ensemble import loss_of, mean_for
from trainer_cli.training.runs import RunError


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def scores(*probabilities):
    """Return scores (1, M, C) of networks that give these probabilities, shifted by anything."""
    return np.array([[np.log(p) + 7.0 * m for m, p in enumerate(probabilities)]], np.float32)


def test_probabilities_are_averaged_not_scores():
    mean = mean_for([Softmax()], 1, 2)
    mean.add(slice(0, 1), scores([0.9, 0.1]))
    mean.add(slice(0, 1), scores([0.2, 0.8], [0.1, 0.9]))
    assert mean.networks == 3
    np.testing.assert_allclose(mean.values(), [[0.4, 0.6]], rtol=1e-6)


def test_one_network_is_its_own_mean(rng):
    given = rng.normal(size=(5, 1, 4)).astype(np.float32) * 10
    mean = mean_for([Softmax()], 5, 4)
    mean.add(slice(0, 3), given[:3])
    mean.add(slice(3, 5), given[3:])
    exact = np.exp(given[:, 0].astype(np.float64))
    np.testing.assert_allclose(mean.values(), exact / exact.sum(axis=1, keepdims=True), rtol=1e-12)


def test_networks_can_come_in_any_groups(rng):
    given = rng.normal(size=(6, 4, 3))
    together, apart = mean_for([Softmax()], 6, 3), mean_for([Softmax()], 6, 3)
    together.add(slice(0, 6), given)
    for m in range(4):
        apart.add(slice(0, 6), given[:, m : m + 1])
    np.testing.assert_allclose(together.values(), apart.values(), rtol=1e-12)
    np.testing.assert_allclose(together.values().sum(axis=1), 1.0, rtol=1e-12)


def test_a_loss_beyond_rounding_is_finite():
    mean = mean_for([Softmax()], 1, 2)
    mean.add(slice(0, 1), np.array([[[0.0, 3000.0], [0.0, 2000.0]]], np.float32))
    assert mean.values().tolist() == [[0.0, 1.0]]
    found = loss_of(Softmax(), mean.scores(), np.array([0]))
    assert found == pytest.approx(2000 + log(2))


def test_the_loss_of_a_mean_is_at_most_the_mean_loss(rng):
    given, labels = rng.normal(size=(50, 3, 4)) * 3, rng.integers(0, 4, 50)
    together = mean_for([Softmax()], 50, 4)
    own = []
    for m in range(3):
        alone = mean_for([Softmax()], 50, 4)
        for mean in (alone, together):
            mean.add(slice(0, 50), given[:, m : m + 1])
        own.append(loss_of(Softmax(), alone.scores(), labels))
    assert loss_of(Softmax(), together.scores(), labels) < np.mean(own)


def test_smoothing_and_class_weights_count():
    p = np.array([[0.7, 0.2, 0.1], [0.3, 0.3, 0.4]])
    labels = np.array([0, 2])
    plain = loss_of(Softmax(), np.log(p), labels)
    assert plain == pytest.approx(-(log(0.7) + log(0.4)) / 2)
    smooth = loss_of(Softmax(label_smoothing=0.3), np.log(p), labels)
    spread = [-np.log(row).mean() for row in p]
    assert smooth == pytest.approx(0.7 * plain + 0.3 * np.mean(spread))
    weighed = loss_of(Softmax(class_weights=(1.0, 5.0, 3.0)), np.log(p), labels)
    assert weighed == pytest.approx(-(log(0.7) + 3 * log(0.4)) / 4)


def test_long_splits_are_weighed_rightly(rng):
    """More examples than are looked at in one go, classes weighing differently in each."""
    given, labels = rng.normal(size=(2500, 3)), np.sort(rng.integers(0, 3, 2500))
    weights = np.array([1.0, 5.0, 3.0])
    own = -given[np.arange(2500), labels] + np.log(np.exp(given).sum(axis=1))
    exact = (own * weights[labels]).sum() / weights[labels].sum()
    assert loss_of(Softmax(class_weights=tuple(weights)), given, labels) == pytest.approx(exact)


@pytest.mark.parametrize(("loss", "expected"), [(Svm(), 0.5), (SquaredSvm(), 0.25)])
def test_scores_of_svm_losses_are_averaged(loss, expected):
    mean = mean_for([loss, loss], 1, 2)
    mean.add(slice(0, 1), np.array([[[1.0, 2.0]]]))
    mean.add(slice(0, 1), np.array([[[3.0, 1.0]]]))
    assert mean.kind == "scores"
    assert mean.values().tolist() == [[2.0, 1.5]]
    assert loss_of(loss, mean.scores(), np.array([0])) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("losses", "kinds"),
    [
        ([Softmax(), Svm()], "softmax and svm with margin 1"),
        ([Svm(margin=2.0), Svm()], "svm with margin 1 and svm with margin 2"),
        ([Svm(), SquaredSvm()], "squared_svm with margin 1 and svm with margin 1"),
    ],
)
def test_what_has_no_common_unit_is_not_averaged(losses, kinds):
    with pytest.raises(RunError) as caught:
        mean_for(losses, 1, 2)
    assert caught.value.message == (
        f"the runs have different losses, {kinds}: what they say cannot be averaged"
    )
    assert caught.value.hint == "take them one by one"


def test_softmax_with_other_settings_still_gives_probabilities():
    assert mean_for([Softmax(), Softmax(label_smoothing=0.1)], 1, 2).kind == "probabilities"
