"""A stage shrinks the space around its best quarter, and the peak stays inside."""

from __future__ import annotations

from math import exp, log10

import numpy as np
import pytest

from trainer_cli.config.space import Choice, Int, LogInt, LogUniform, Uniform
from trainer_cli.search.narrowing import best_quarter, narrowed
from trainer_cli.search.samplers import draw
from trainer_cli.search.trials import Result

RATE, PENALTY = "optimizer.learning_rate", "regularization.l2"
RATES, PENALTIES = LogUniform(low=1e-6, high=1.0), LogUniform(low=1e-5, high=1e2)
EXAMPLES = 1000  # of the simulated validation split


def result(trial, accuracy=None, loss=1.0, state="finished", **values):
    return Result(
        trial=trial,
        stage=1,
        values={path.replace("__", "."): value for path, value in values.items()},
        state=state,
        validation_accuracy=accuracy,
        validation_loss=None if accuracy is None else loss,
    )


def rates(*accuracies, first=-6.0, step=0.5):
    """Return trials with growing rates and these accuracies; None stands for a divergence."""
    return [
        result(
            number,
            accuracy,
            state="finished" if accuracy is not None else "diverged",
            optimizer__learning_rate=10.0 ** (first + step * number),
        )
        for number, accuracy in enumerate(accuracies)
    ]


def test_the_best_quarter():
    trials = [result(n, n / 100) for n in range(17)]
    assert [each.trial for each in best_quarter(trials)] == [16, 15, 14, 13, 12]


def test_the_best_quarter_has_three_trials_at_least():
    assert [each.trial for each in best_quarter([result(n, n / 10) for n in range(7)])] == [6, 5, 4]
    assert [each.trial for each in best_quarter([result(1, 0.5), result(2, 0.6)])] == [2, 1]
    assert best_quarter([]) == []


def test_of_equal_accuracies_the_lower_loss_is_better():
    trials = [result(n, 0.5, loss) for n, loss in enumerate([3.0, 1.0, 2.0, 1.0, 4.0])]
    assert [each.trial for each in best_quarter(trials)] == [1, 3, 2]


def test_halved_trials_count_for_the_quarter_and_are_not_in_it():
    trials = [result(n, n / 100) for n in range(6)]
    trials += [result(n, 0.9, state="halved") for n in range(10, 28)]
    assert [each.trial for each in best_quarter(trials)] == [5, 4, 3, 2, 1, 0]


def test_a_range_shrinks_to_the_best_quarter_and_a_gap_on_either_side():
    # The best three are at -4.0, -3.5 and -3.0.
    trials = rates(0.1, 0.1, 0.2, 0.3, 0.7, 0.8, 0.7, 0.5, 0.3, None, None)
    space = narrowed({RATE: RATES}, trials)
    assert space[RATE].text() == "10**uniform(-4.6, -2.4)"


def test_the_example_of_the_lecture():
    """For a penalty whose best values are small, 10**uniform(-5, 5) becomes 10**uniform(-4, 0)."""
    good, bad = np.linspace(-3.6, -0.4, 10), np.linspace(0.1, 4.9, 30)
    trials = [result(n, 0.5, regularization__l2=10**x) for n, x in enumerate(good)]
    trials += [result(n, 0.2, regularization__l2=10**x) for n, x in enumerate(bad, start=10)]
    space = LogUniform(low=1e-5, high=1e5)
    assert space.text() == "10**uniform(-5, 5)"
    assert narrowed({PENALTY: space}, trials)[PENALTY].text() == "10**uniform(-4, 0)"


def test_the_best_at_an_end_stay_inside():
    trials = rates(*np.linspace(0.1, 0.9, 13))
    space = narrowed({RATE: RATES}, trials)
    assert space[RATE].text() == "10**uniform(-2, 0)"


def test_a_flat_key_stays_wide():
    drawn = draw({RATE: RATES, PENALTY: PENALTIES}, "random", 100, 0, 1)
    results = [
        result(
            number,
            exp(-((log10(values[RATE]) + 2) ** 2)),
            optimizer__learning_rate=values[RATE],
            regularization__l2=values[PENALTY],
        )
        for number, values in enumerate(drawn)
    ]
    space = narrowed({RATE: RATES, PENALTY: PENALTIES}, results)
    assert log10(space[RATE].high / space[RATE].low) < 2.5
    assert log10(space[PENALTY].high / space[PENALTY].low) > 6.3


def test_a_choice_keeps_what_occurs():
    names = ["relu", "tanh", "elu", {"type": "elu", "alpha": 0.5}]
    space = {"network.1": Choice(values=tuple(names))}
    trials = [result(n, n % 4 in (1, 3) and 0.9, network__1=names[n % 4]) for n in range(24)]
    assert narrowed(space, trials) == {"network.1": Choice(values=("tanh", names[3]))}


def test_seeds_are_not_narrowed():
    space = {"seed": Int(low=1, high=100), "data.split.seed": Int(low=1, high=100)}
    trials = [result(n, n / 100, seed=n, data__split__seed=n) for n in range(1, 101)]
    assert narrowed(space, trials) == space


@pytest.mark.parametrize(
    "trials",
    [
        [],
        rates(None, None, None),
        rates(None, 0.5, None),
        rates(0.5, 0.6, None, None),
        [result(1, state="infeasible", optimizer__learning_rate=0.1)],
    ],
)
def test_with_fewer_than_three_finished_trials_nothing_shrinks(trials):
    assert narrowed({RATE: RATES}, trials) == {RATE: RATES}


def test_equal_values_leave_a_range_as_wide_as_the_grid_around_them():
    trials = [
        result(n, 0.9 if number == 1 else 0.1, a=10.0**-number, b=b)
        for n, (number, b) in enumerate((x, y) for x in range(4) for y in range(4))
    ]
    space = {"a": LogUniform(low=1e-3, high=1.0), "b": Int(low=0, high=3)}
    found = narrowed(space, trials)
    assert found["a"].text() == "10**uniform(-2, 0)"
    assert found["b"] == space["b"]


@pytest.mark.parametrize(
    "space",
    [
        {"a": Int(low=3, high=4)},
        {"a": LogInt(low=1, high=2)},
        {"a": Uniform(low=0.5, high=0.5000001)},
        {"a": Choice(values=("relu",))},
        {"a": LogUniform(low=0.1, high=0.11)},
    ],
)
@pytest.mark.parametrize("trials", [1, 2, 3, 4, 40])
def test_the_smallest_spaces_stay_valid_through_many_stages(space, trials):
    for stage in range(1, 6):
        results = [
            result(n, 0.5, **v) for n, v in enumerate(draw(space, "random", trials, 0, stage))
        ]
        found = narrowed(space, results)["a"]
        if not isinstance(found, Choice):
            assert space["a"].low <= found.low < found.high <= space["a"].high
        space = {"a": found}


def planted(space, sampler, trials, seed, peaks, width, cliff):
    """Return the results of trials whose accuracy falls off from a peak, as counts of examples."""
    rng, results = np.random.default_rng(seed), []
    for number, values in enumerate(draw(space, sampler, trials, seed, 1)):
        distances = [(log10(values[path]) - peak) / width for path, peak in peaks.items()]
        accuracy = 0.1 + 0.8 * exp(-sum(distance**2 for distance in distances) / 2)
        exploded = log10(values[RATE]) > peaks[RATE] + cliff
        counted = rng.binomial(EXAMPLES, accuracy) / EXAMPLES
        results.append(
            Result(
                trial=number,
                stage=1,
                values=values,
                state="diverged" if exploded else "finished",
                validation_accuracy=None if exploded else counted,
                validation_loss=None if exploded else 1 - accuracy,
            )
        )
    return results


@pytest.mark.parametrize("sampler", ["random", "grid", "halton"])
@pytest.mark.parametrize("cliff", [0.7, 99.0])
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize(("trials", "least"), [(20, 0.83), (50, 0.95), (100, 0.98)])
def test_a_planted_peak_stays_inside(sampler, cliff, both, trials, least):
    """Over two keys of which one or both matter, with and without an explosion above the peak."""
    space, seeds, inside = {RATE: RATES, PENALTY: PENALTIES}, 60, 0
    rng = np.random.default_rng(1)
    for seed in range(seeds):
        peaks = {RATE: rng.uniform(-5.5, -0.5)}
        if both:
            peaks[PENALTY] = rng.uniform(-4.5, 1.5)
        found = narrowed(space, planted(space, sampler, trials, seed, peaks, 0.8, cliff))
        inside += all(
            log10(found[path].low) <= peak <= log10(found[path].high)
            for path, peak in peaks.items()
        )
    assert inside >= least * seeds
