"""How signals and gradients get lost in a network: measures and words, trained or untrained.

The thresholds that the rules have for these (config/rules/signals.py) were tried on 64-50-...-10
networks with 1 to 8 hidden layers of relu, tanh and sigmoid on the built-in digits, started in
seven ways and trained at the best of three rates.
"""

from __future__ import annotations

from collections.abc import Sequence

from trainer_cli.training.layer_statistics import LayerStatistics


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
