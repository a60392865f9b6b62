"""The picture of a sweep: which panels, what they show, and that it is always drawn."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import warnings
from math import log10
from pathlib import Path

import numpy as np
import pytest

from tests.report.sweeps import CLOSER, L2, LR, USUAL, finished, lost, one_stage, stage_of, swept_of
from trainer_cli.config.space import Choice, Int, LogInt, LogUniform, Uniform
from trainer_cli.report.sweep_lines import line_among
from trainer_cli.report.sweep_picture import keys_of, sweep_figure, sweep_picture
from trainer_cli.search.sweep import Swept

pytest.importorskip("matplotlib", reason="pictures need the extra plots")
from matplotlib.lines import Line2D

RNG = np.random.default_rng(0)


def drawn_from(space, count, number=1, seed=0):
    """Return so many settings of a space."""
    rng = np.random.default_rng(seed)
    return [{path: each.at(rng.random()) for path, each in space.items()} for _ in range(count)]


def usual(count=40, space=USUAL, **more) -> Swept:
    """Return a sweep whose accuracy has its peak at a rate of 1e-3, and explosions above 0.1."""
    results = []
    for trial, values in enumerate(drawn_from(space, count), start=1):
        rate = values.get(LR, 1e-3)
        away = log10(rate) + 3
        if rate > 0.1:
            results.append(lost(trial, values))
        else:
            results.append(finished(trial, values, 0.9 - 0.08 * away**2, **more))
    return one_stage(space, results)


def labels_of(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_two_keys_are_a_scatter_beside_a_curve():
    swept = usual()
    scatter, curve, colours = sweep_figure(swept).axes
    assert (scatter.get_xlabel(), scatter.get_ylabel()) == (LR, L2)
    assert (scatter.get_xscale(), scatter.get_yscale()) == ("log", "log")
    assert (curve.get_xlabel(), curve.get_ylabel()) == (LR, "validation accuracy")
    assert (curve.get_xscale(), curve.get_yscale()) == ("log", "linear")
    low, high = scatter.get_xlim()
    assert 1e-7 < low < 1e-6 < 1 < high < 10
    assert scatter.get_title() == "colour: validation accuracy"
    assert colours.get_ylim() == pytest.approx(
        (min(r.validation_accuracy or 1 for r in swept.results), swept.best.validation_accuracy)
    )
    points, crosses, pluses, ring = scatter.collections
    ended = [r for r in swept.results if r.state == "finished"]
    wanted = {(r.values[LR], r.values[L2]): r.validation_accuracy for r in ended}
    shown = zip(points.get_offsets().data.tolist(), points.get_array(), strict=True)
    assert {tuple(place): accuracy for place, accuracy in shown} == wanted
    assert len(crosses.get_offsets()) == sum(r.state == "diverged" for r in swept.results) > 3
    assert len(pluses.get_offsets()) == 0
    assert tuple(ring.get_offsets()[0]) == (swept.best.values[LR], swept.best.values[L2])


def test_the_legend_counts():
    swept = usual()
    lost_ones = sum(r.state == "diverged" for r in swept.results)
    assert labels_of(sweep_figure(swept)) == [
        f"stage 1: {40 - lost_ones} of 40 trials finished 5 epochs",
        f"{lost_ones} diverged",
        f"best: trial {swept.best.trial}",
        "line: mean of the best quarter of the trials nearby",
    ]


def test_the_legend_has_the_cross_of_one_panel_and_the_tick_of_the_other():
    for space, signs in ((USUAL, ["x", "|"]), ({LR: USUAL[LR]}, ["|"])):
        legend = sweep_figure(usual(space=space)).legends[0]
        markers = [line.get_marker() for line in legend.findobj(Line2D)]
        assert [marker for marker in markers if marker in ("x", "+", "|")] == signs


def test_the_learning_rate_comes_first_wherever_it_stands():
    space = {"optimizer.momentum": Uniform(low=0.5, high=1.0), L2: USUAL[L2], LR: USUAL[LR]}
    figure = sweep_figure(usual(space=space))
    assert [axes.get_xlabel() for axes in figure.axes[:2]] == [LR, LR]
    assert figure.axes[0].get_ylabel() == "optimizer.momentum"
    assert figure.axes[0].get_yscale() == "linear"


def test_stages_differ_by_shape_and_have_a_line_each():
    coarse = usual().results
    fine = [
        finished(41 + k, values, 0.92, stage=2)
        for k, values in enumerate(drawn_from(CLOSER, 20, seed=1))
    ]
    stages = [stage_of(coarse, USUAL), stage_of(fine, CLOSER, 2, epochs=10)]
    figure = sweep_figure(swept_of(stages, [*coarse, *fine]))
    scatter, curve, _ = figure.axes
    assert len({str(each.get_paths()[0].vertices) for each in scatter.collections[:2]}) == 2
    assert len(curve.lines) == 2
    assert labels_of(figure)[1] == "stage 2: 20 of 20 trials finished 10 epochs"


def test_halved_trials_are_smaller():
    swept = usual()
    results = [
        finished(r.trial, r.values, r.validation_accuracy, state="halved", epochs=1)
        if r.state == "finished" and r.trial % 2
        else r
        for r in swept.results
    ]
    figure = sweep_figure(one_stage(USUAL, results))
    sizes = figure.axes[0].collections[0].get_sizes()
    halved = sum(r.state == "halved" for r in results)
    assert sum(size == min(sizes) for size in sizes) == halved
    assert f"smaller: {halved} stopped by halving" in labels_of(figure)


def test_one_key_is_the_curve_alone():
    figure = sweep_figure(usual(space={LR: USUAL[LR]}))
    (curve,) = figure.axes
    assert curve.get_xlabel() == LR
    assert len(curve.lines) == 1
    assert labels_of(figure)[-1] == "line: mean of the trials nearby"
    ticks = curve.collections[1]  # those who exploded, at the foot
    assert len(ticks.get_segments()) > 3
    assert {segment[:, 1].min() for segment in ticks.get_segments()} == {0.0}


def test_choices_alone_are_strips_with_their_medians():
    values = ("relu", {"type": "leaky_relu", "slope": 0.1}, "$x$ y")
    space = {"network.1": Choice(values=values), "loss": Choice(values=("softmax", "svm"))}
    results = [
        finished(i, {"network.1": values[i % 3], "loss": "svm"}, 0.5 + 0.1 * (i % 3))
        for i in range(1, 10)
    ]
    figure = sweep_figure(one_stage(space, results))
    first, second = figure.axes
    names = [text.get_text() for text in first.get_xticklabels()]
    assert names == ["relu", "{type: leaky_relu, …", '"$x$ y"']
    assert second.get_xlabel() == "loss"
    lines = [each for each in first.collections if hasattr(each, "get_segments")]
    medians = [segment[0, 1] for each in lines for segment in each.get_segments()]
    assert sorted(medians) == pytest.approx([0.5, 0.6, 0.7])
    assert labels_of(figure)[-1] == "median"


def test_a_key_with_order_stands_beside_a_choice():
    space = {"network.1": Choice(values=("relu", "tanh")), LR: USUAL[LR]}
    figure = sweep_figure(usual(space=space))
    assert [axes.get_xlabel() for axes in figure.axes] == [LR, "network.1"]


def test_seeds_and_ranges_beyond_an_axis_have_no_order():
    space = {
        "seed": Int(low=0, high=1000),
        "data.split.seed": LogInt(low=1, high=9),
        "network.0.units": Int(low=0, high=10**400),
        L2: LogUniform(low=1e-300, high=1e300),
        LR: USUAL[LR],
        "network.1": Choice(values=("relu", "tanh")),
    }
    ordered, others = keys_of(one_stage(space, []))
    assert ordered == [LR]
    assert others == ["seed", "data.split.seed", "network.0.units", L2, "network.1"]
    strip = sweep_figure(usual(12, space={"seed": Int(low=0, high=1000)})).axes[0]
    assert [text.get_text() for text in strip.get_xticklabels()] == ["every value"]


def test_few_trials_have_no_line():
    assert sweep_figure(usual(11)).axes[1].lines[:] == []
    assert "line" not in " ".join(labels_of(sweep_figure(usual(11))))


def test_a_line_is_the_mean_nearby():
    xs = np.linspace(0, 10, 101)
    grid, line = line_among(xs, 0.5 + 0 * xs, 1.0)
    assert line == pytest.approx(0.5)
    assert (grid[0], grid[-1]) == (0, 10)
    grid, line = line_among(xs, 0.1 * xs, 1.0)
    inside = (grid > 1) & (grid < 9)
    assert line[inside] == pytest.approx(0.1 * grid[inside], abs=0.01)
    assert (np.diff(line) > 0).all()


def test_a_line_of_the_best_quarter_leaves_out_the_rest():
    xs = np.linspace(0, 10, 400)
    best = np.arange(400) % 4 == 0
    _, line = line_among(xs, np.where(best, 0.9, RNG.uniform(0, 0.8, 400)), 0.25)
    assert line[20:-20] == pytest.approx(0.9, abs=0.02)
    _, line = line_among(xs, np.where(best, 0.9, 0.1), 1.0)
    assert line[50:-50] == pytest.approx(0.3, abs=0.02)


def test_a_line_stays_within_what_was_measured():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        xs, ys = np.sort(rng.exponential(size=12)), rng.random(12)
        for share in (0.25, 1.0):
            _, line = line_among(xs, ys, share)
            assert ys.min() - 1e-9 <= line.min()
            assert line.max() <= ys.max() + 1e-9


CASES = {
    "usual": usual(),
    "all diverged": one_stage(USUAL, [lost(i, v) for i, v in enumerate(drawn_from(USUAL, 9), 1)]),
    "one trial": usual(1, space={LR: CLOSER[LR]}),
    "all equal": one_stage({LR: USUAL[LR]}, [finished(i, {LR: 1e-3}, 0.1) for i in range(1, 9)]),
    "nothing": swept_of([stage_of([], {L2: USUAL[L2]})], []),
    "letters": one_stage(
        {"loss": Choice(values=("漢字$", "b"))}, [finished(1, {"loss": "漢字$"}, 0.3)]
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_drawn_whatever_came_of_the_sweep(name, tmp_path):
    assert sweep_picture(CASES[name], tmp_path / "sweep.png")
    assert [path.name for path in tmp_path.iterdir()] == ["sweep.png"]
    content = (tmp_path / "sweep.png").read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(content) > 5000


def test_without_matplotlib_there_is_no_picture(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert not sweep_picture(usual(3), tmp_path / "sweep.png")
    assert list(tmp_path.iterdir()) == []


def test_it_leaves_the_settings_of_others_alone(tmp_path, monkeypatch):
    import matplotlib

    monkeypatch.setenv("MPLBACKEND", "module://a_notebook")
    settings, level = dict(matplotlib.rcParams), logging.getLogger("matplotlib").level
    filters = list(warnings.filters)
    sweep_picture(usual(3, space={LR: USUAL[LR]}), tmp_path / "sweep.png")
    assert dict(matplotlib.rcParams) == settings
    assert logging.getLogger("matplotlib").level == level
    assert warnings.filters == filters
    assert os.environ["MPLBACKEND"] == "module://a_notebook"


def test_neither_settings_nor_a_backend_from_outside_disturb_it(tmp_path):
    """As in a notebook, whose commands inherit a backend that is not installed here."""
    (tmp_path / "matplotlibrc").write_text("text.usetex: True\nbogus: 3\n")
    script = (
        "from pathlib import Path; from tests.report.sweeps import LR, USUAL, finished, one_stage\n"
        "from trainer_cli.report.sweep_picture import sweep_picture\n"
        "swept = one_stage({LR: USUAL[LR]}, [finished(1, {LR: 1e-3}, 0.5)])\n"
        f"assert sweep_picture(swept, Path({str(tmp_path)!r}) / 'sweep.png')"
    )
    strange = {"MPLBACKEND": "nonsense", "MATPLOTLIBRC": str(tmp_path / "matplotlibrc")}
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env={**os.environ, **strange},
        cwd=Path(__file__).parents[2],
    )
    assert (done.returncode, done.stderr) == (0, "")
