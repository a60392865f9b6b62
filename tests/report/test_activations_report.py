"""The table of check-activations: a line for each layer, the numbers aligned."""

from __future__ import annotations

from math import nan

from tests.cli.running import run
from trainer_cli.checks.activations import Activations
from trainer_cli.report.activations_report import activations_report
from trainer_cli.training.layer_statistics import Histogram, LayerStatistics

LAYERS = [
    LayerStatistics(
        layer="network[0]",
        kind="dense",
        values=50,
        mean=-0.5,
        std=0.213,
        gradient_mean=nan,
        gradient_std=nan,
        dead=0.0,
        alike=0.0,
        saturated=None,
        histogram=Histogram(low=-1.0, high=2.0, counts=(0, 1, 8, *range(13))),
    ),
    LayerStatistics(
        layer="network[1]",
        kind="tanh",
        values=50,
        mean=0.0,
        std=2.4e-7,
        gradient_mean=0.0,
        gradient_std=1e-8,
        dead=0.25,
        alike=0.0,
        saturated=0.921,
        histogram=None,
    ),
]
FOUND = Activations(findings=[], layers=LAYERS, input_mean=0.0, input_std=1.0)


def test_the_table():
    assert list(activations_report(FOUND).table) == [
        "",
        "layer       type   mean      std  dead  satur.  grad mean  grad std  distribution",
        "input                 0        1",
        "network[0]  dense  -0.5     0.21    0%                               "
        "-1 | ▁▆ ▁▂▂▃▄▄▅▆▆▇██| 2",
        "network[1]  tanh      0  2.4e-07   25%     92%          0     1e-08",
        "",
    ]


def test_the_json_has_every_number():
    results = activations_report(FOUND).results
    assert results["input"] == {"mean": 0.0, "std": 1.0}
    assert results["layers"][1]["saturated"] == 0.921
    assert results["layers"][0]["histogram"]["counts"][:3] == (0, 1, 8)


def test_json_of_the_command():
    document = run("check-activations", "--format", "json").json
    assert [layer["kind"] for layer in document["layers"]] == ["dense", "relu", "dense"]
    assert document["layers"][1]["saturated"] is None
    assert set(document["layers"][0]["histogram"]) == {"low", "high", "counts"}


def test_text_of_the_command():
    lines = run("check-activations").out.splitlines()
    assert lines[0] == "nntrain check-activations  built-in digits experiment"
    assert lines[8].split() == [
        "layer", "type", "mean", "std", "dead", "satur.", "grad", "mean", "grad", "std",
        "distribution",
    ]  # fmt: skip
    assert lines[-1] == "verdict: pass  (4 pass, 2 skip)"
