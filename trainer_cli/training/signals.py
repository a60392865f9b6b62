"""How signals and gradients get lost in a network: measures and thresholds, trained or untrained.

The thresholds were tried on 64-50-...-10 networks with 1 to 8 hidden layers of relu, tanh and
sigmoid on the built-in digits, started in seven ways and trained at the best of three rates.
"""

from __future__ import annotations

from collections.abc import Sequence

from trainer_cli.training.layer_statistics import LayerStatistics

# Under xavier 3 % of the first tanh layer's values are saturated; with weights of std 1.0, the
# lecture's example, 92 %. After healthy training it is a sixth at most.
SATURATING, SATURATED = 0.5, 0.8
# Centered inputs leave hardly a rectified unit dead at the start. Of more than half, the layer has
# lost most of what it could learn. Healthy training kills up to a sixth.
DYING, DEAD = 0.5, 1.0
# Shares of the gradient's norm in the last hidden layer. Above 0.02 all networks learned, below
# 0.005 none but two of tanh; the lecture's ten layers with std 0.01 are at 1e-6.
FADING, FADED = 1e-2, 1e-5
# The other way round: the default initializers begin below 6 and end below 20.
SWELLING = 100.0


def named(layer: LayerStatistics) -> str:
    """Return what messages call a layer: network[1] (relu)."""
    return f"{layer.layer} ({layer.kind})"


def most_saturated(layers: Sequence[LayerStatistics]) -> tuple[float, LayerStatistics] | None:
    """Return the largest share of saturated values and the layer that has it, None if none can."""
    bounded = [(layer.saturated, layer) for layer in layers if layer.saturated is not None]
    return max(bounded, key=lambda pair: pair[0], default=None)


def most_dead(inner: Sequence[LayerStatistics]) -> LayerStatistics | None:
    """Return the layer with the largest share of dead units among those that feed others."""
    return max(inner, key=lambda layer: layer.dead, default=None)


def gradient_share(inner: Sequence[LayerStatistics]) -> float:
    """Return the gradient's norm at the first hidden layer over that at the last; may be NaN."""
    return inner[0].gradient_norm / inner[-1].gradient_norm


def gradient_path(inner: Sequence[LayerStatistics]) -> str:
    """Return where the gradient's norm goes from and to, in words."""
    first, last = inner[0], inner[-1]
    return (
        f"from {last.gradient_norm:.2g} at {named(last)} to {first.gradient_norm:.2g} at "
        f"{named(first)}"
    )
