"""What check-activations measured, as a table and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from math import isnan

from trainer_cli.checks.activations import Activations
from trainer_cli.report.aligned import aligned
from trainer_cli.report.report import Report
from trainer_cli.training.layer_statistics import Histogram, LayerStatistics

BARS = " ▁▂▃▄▅▆▇█"
HEADER = (
    ("layer", "type", "mean", "std", "dead", "satur.", "grad mean", "grad std"),
    "distribution",
)


def activations_report(found: Activations) -> Report:
    """Return the report: the findings, and below them a line for each layer."""
    inputs = {"mean": found.input_mean, "std": found.input_std}
    return Report(
        findings=found.findings,
        results={"input": inputs, "layers": [asdict(layer) for layer in found.layers]},
        table=["", *_table(found), ""],
    )


def _table(found: Activations) -> list[str]:
    first = ("input", "", _number(found.input_mean), _number(found.input_std), "", "", "", "")
    rows = [HEADER[0], first, *(_cells(layer) for layer in found.layers)]
    ends = [HEADER[1], "", *(_bars(layer.histogram) for layer in found.layers)]
    lines = aligned(rows, names=2)
    return [f"{line}  {end}".rstrip() for line, end in zip(lines, ends, strict=True)]


def _cells(layer: LayerStatistics) -> tuple[str, ...]:
    return (
        layer.layer,
        layer.kind,
        _number(layer.mean),
        _number(layer.std),
        f"{layer.dead:.0%}",
        "" if layer.saturated is None else f"{layer.saturated:.0%}",
        _number(layer.gradient_mean),
        _number(layer.gradient_std),
    )


def _number(value: float) -> str:
    return "" if isnan(value) else f"{value:.2g}"


def _bars(histogram: Histogram | None) -> str:
    if histogram is None:
        return ""
    most = max(histogram.counts)
    heights = (-(-count * (len(BARS) - 1) // most) for count in histogram.counts)  # rounded up
    bars = "".join(BARS[height] for height in heights)
    return f"{histogram.low:.2g} |{bars}| {histogram.high:.2g}"
