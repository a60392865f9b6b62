"""When two computations of the same arrays agree."""

from __future__ import annotations

import numpy as np

# Rounding in float64, 1e-16, grows to some 1e-13 in a network; a term left out is larger by far.
RELATIVE = 1e-9
# What is exactly 0 in mathematics, such as the gradient of a bias below batch normalization, has
# no size of its own to be measured by: it is measured by the largest array beside it.
SHARE_OF_LARGEST = 1e-2


def assert_agree(found, expected, relative=RELATIVE):
    """Raise unless arrays of the same names differ by at most this share of their largest value."""
    assert set(found) == set(expected)
    sizes = {name: np.abs(array).max(initial=0) for name, array in expected.items()}
    largest = max(sizes.values(), default=0)
    assert np.isfinite(largest)
    for name, array in expected.items():
        assert found[name].shape == array.shape, name
        apart = np.abs(found[name] - array).max(initial=0)
        allowed = relative * max(sizes[name], SHARE_OF_LARGEST * largest)
        assert apart <= allowed, f"{name}: {apart:.1e} apart, allowed {allowed:.1e}"
