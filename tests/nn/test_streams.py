"""Random streams: the same path gives the same numbers, whatever else was drawn."""

from __future__ import annotations

import numpy as np
import pytest

from trainer_cli.nn.streams import Noise, stream

PATHS = [
    (0,),
    (1,),
    (0, "init"),
    (0, "order"),
    (0, "init", 0),
    (0, "init", 1),
    (1, "init", 0),
    (0, "order", 0),
    (0, "order", 1),
    (0, 0, "order"),
    (0, "order", 0, 0),
    (0, "split"),
    (2**40, "init", 0),
]


def raw(seed: int, *path: str | int) -> list[int]:
    """Return the first numbers of the bit generator, which no NumPy version may change."""
    return stream(seed, *path).bit_generator.random_raw(3).tolist()


def test_golden_numbers() -> None:
    """Another scheme would give every seed another meaning, and saved runs could not go on."""
    assert raw(0, "init", 0) == [
        13681730130576154019,
        15066190410130732405,
        7420211014501203866,
    ]
    assert raw(42, "order", 7) == [
        17516921458120581241,
        10855274782568714981,
        3391289487314754577,
    ]


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_a_path_always_gives_the_same_numbers(path) -> None:
    first = raw(*path)
    stream(0, "something else").standard_normal(100)
    assert raw(*path) == first


def test_no_two_paths_share_numbers() -> None:
    seen = [number for path in PATHS for number in raw(*path)]
    assert len(set(seen)) == len(seen) == 3 * len(PATHS)


def test_streams_are_uncorrelated() -> None:
    n = 10_000
    draws = np.array([stream(*path).standard_normal(n) for path in PATHS])
    correlations = np.corrcoef(draws)[np.triu_indices(len(PATHS), k=1)]
    assert np.abs(correlations).max() < 5 / np.sqrt(n)  # five standard errors


def test_streams_do_not_touch_numpys_global_state() -> None:
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    stream(3, "init").standard_normal(10)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_noise_that_was_taken_on_is_its_own() -> None:
    noise, on = Noise(), Noise()
    noise.restart([4, 5], "noise", 0)
    noise.of(1).standard_normal(3)
    on.take_members(noise, [1, 1])
    draws = [each.standard_normal(3) for each in (on.of(0), on.of(1), noise.of(1))]
    expected = stream(5, "noise", 0).standard_normal(6)[3:]
    for drawn in draws:
        np.testing.assert_array_equal(drawn, expected)
