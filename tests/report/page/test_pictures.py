"""What the pictures of a page show: their lines, marks, scales and words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.report.page.histories import SETTING, START, diverged, facts, history, look, statistics

pytest.importorskip("matplotlib", reason="pictures need the extra plots")
from matplotlib.figure import Figure

from trainer_cli.report.drawing import drawing
from trainer_cli.report.page.accuracy_picture import accuracy_by_epoch
from trainer_cli.report.page.confusion_picture import confusion_picture
from trainer_cli.report.page.cost_pictures import cost_by_update
from trainer_cli.report.page.histogram_pictures import histogram_pictures, histogram_sheet
from trainer_cli.report.page.lines import Curves
from trainer_cli.report.page.looks import BETWEEN, FAIL, SERIES, SETTINGS
from trainer_cli.report.page.loss_pictures import loss_by_epoch
from trainer_cli.report.page.rate_picture import learning_rate
from trainer_cli.report.page.ratio_picture import update_ratios


@pytest.fixture(autouse=True)
def looks():
    with drawing(SETTINGS):
        yield


def one(*histories):
    return [Curves("one", histories or (history(),))]


def names(picture):
    legend = picture.figure.axes[0].get_legend()
    return [] if legend is None else [text.get_text() for text in legend.get_texts()]


def lines(picture):
    """Return the lines of the panel that are drawn from point to point."""
    return [line for line in picture.figure.axes[0].lines if line.get_marker() == "None"]


def marks(picture, marker):
    axes = picture.figure.axes[0]
    found = [line for line in axes.lines if line.get_marker() == marker]
    return [(float(line.get_xdata()[0]), float(line.get_ydata()[0])) for line in found]


def test_the_cost_and_its_parts_by_update():
    picture = cost_by_update(one(), "log")
    assert names(picture) == ["cost", "data", "penalty", "best epoch"]
    axes = picture.figure.axes[0]
    assert (axes.get_xlabel(), axes.get_yscale()) == ("update", "log")
    raw, cost, data, penalty = lines(picture)
    assert raw.get_ydata()[0] == cost.get_ydata()[0] == 2.5
    assert cost.get_ydata() == pytest.approx(data.get_ydata() + 0.1)
    assert set(penalty.get_ydata()) == {0.1}
    assert marks(picture, "o") == [(80, pytest.approx(np.interp(80, *cost.get_data())))]
    assert picture.description == "Cost from 2.5 to 0.34 in 100 updates"


def test_a_penalty_too_small_to_be_seen_is_said():
    tiny = history(penalties=np.full(100, 1.23e-5))
    for scale in ("linear", "log"):
        picture = cost_by_update(one(tiny), scale)
        assert names(picture) == ["cost", "best epoch"]
        assert picture.remark == "The penalty, at most 1.2×10⁻⁵, is too small to be drawn."
    none = history(penalties=np.zeros(100))
    assert cost_by_update(one(none), "log").remark is None


def test_an_explosion_ends_at_a_cross_within_the_panel():
    linear = cost_by_update(one(diverged(cost=1e9)), "linear")
    assert names(linear) == ["cost", "exploded: 10⁹"]
    ((x, y),) = marks(linear, "x")
    axes = linear.figure.axes[0]
    assert x == 11 < axes.get_xlim()[1]
    assert y == axes.get_ylim()[1] == pytest.approx(1.04 * 7.0)
    log = cost_by_update(one(diverged(cost=1e9)), "log")
    assert marks(log, "x") == [(11, 1e9)]
    assert log.figure.axes[0].get_ylim()[1] > 1e9
    assert [line.get_color() for line in log.figure.axes[0].lines][-1] == FAIL
    lost = cost_by_update(one(diverged(cost=float("nan"))), "log")
    assert names(lost) == ["cost", "exploded: no number"]


def test_a_spike_to_the_limit_does_not_flatten_what_came_before():
    wild = diverged()
    wild.losses[-1] = 1e6
    assert cost_by_update(one(wild), "linear").figure.axes[0].get_ylim()[1] < 8
    unlimited = replace(wild, start=replace(START, limit=float("inf")))
    assert cost_by_update(one(unlimited), "linear").figure.axes[0].get_ylim()[1] > 1e6


def test_a_run_of_which_no_cost_is_a_number():
    lost = diverged(updates=2, cost=float("nan"))
    lost.losses[:] = float("nan")
    for scale in ("linear", "log"):
        assert cost_by_update(one(lost), scale).description == "Cost not known in 2 updates"


def test_the_members_mean_leaves_out_who_exploded():
    members = one(history(0), history(2), replace(diverged(member=1), penalties=np.full(10, 0.1)))
    picture = accuracy_by_epoch(members)
    thick = [line for line in lines(picture) if line.get_linewidth() > 1]
    assert [line.get_ydata()[3] for line in thick[:2]] == pytest.approx([0.81, 0.71])
    cost = cost_by_update(members, "linear")
    mean = next(line for line in lines(cost) if line.get_linewidth() > 1)
    assert mean.get_ydata()[0] == pytest.approx(2.5 + 0.01)
    assert mean.get_xdata()[-1] == 100


def test_members_that_stopped_earlier_bound_the_mean():
    picture = loss_by_epoch(one(history(epochs=5), history(1, epochs=3)), "linear")
    ends = [line.get_xdata()[-1] for line in lines(picture)]
    assert sorted(ends) == [3, 3, 3, 3, 3, 3, 5, 5, 5] or sorted(ends) == [3, 3, 3, 3, 5, 5]


def test_losses_by_epoch():
    picture = loss_by_epoch(one(), "log")
    assert names(picture) == ["training", "validation", "penalty", "best epoch"]
    assert marks(picture, "o") == [(4, 0.3)]
    several = loss_by_epoch([*one(), Curves("two", (history(1),), 1)], "linear")
    assert names(several) == ["one", "two", "best epoch"]
    assert several.remark == "Solid: validation. Dashed: training."
    assert loss_by_epoch(one(diverged()), "linear") is None


def test_accuracies_and_their_gap():
    picture = accuracy_by_epoch(one())
    assert names(picture) == ["training", "validation", "gap", "best epoch"]
    assert marks(picture, "o") == [(4, 0.7)]
    axes = picture.figure.axes[0]
    assert [text.get_text() for text in axes.texts] == ["largest class alone"]
    assert axes.get_ylim()[0] < 0.1
    assert picture.description == (
        "Validation accuracy 70.0% and training accuracy 80.0% in the best epoch, 4"
    )
    assert accuracy_by_epoch(one(diverged())) is None


def test_a_far_away_baseline_is_left_out():
    picture = accuracy_by_epoch(one(history(epochs=1)))
    assert not list(picture.figure.axes[0].texts)


def test_a_baseline_above_the_curves_is_within_the_panel():
    worse = history(setting=replace(SETTING, majority=0.95))
    picture = accuracy_by_epoch(one(worse))
    assert picture.figure.axes[0].get_ylim()[1] > 0.95
    picture.element()


def test_the_scale_of_the_learning_rate():
    assert learning_rate(one()).figure.axes[0].get_yscale() == "linear"
    cosine = history(rates=0.05 * (1 + np.cos(np.linspace(0, np.pi, 100))) / 2)
    assert learning_rate(one(cosine)).figure.axes[0].get_yscale() == "linear"
    falling = learning_rate(one(history(rates=np.geomspace(1, 1e-4, 100))))
    assert falling.figure.axes[0].get_yscale() == "log"
    assert falling.description == "The learning rate is between 10⁻⁴ and 1."
    assert learning_rate(one(diverged(updates=0))) is None


def test_update_ratios_beside_what_is_usual():
    picture = update_ratios([history()])
    assert names(picture) == ["network[0].weights", "network[2].weights", "usual"]
    first, second = [line for line in lines(picture) if len(line.get_xdata()) > 2]
    assert first.get_xdata().tolist() == [20, 40, 60, 80, 100]
    assert set(first.get_ydata()) == {1e-3}
    assert set(second.get_ydata()) == {3e-3}
    low, high = picture.figure.axes[0].get_ylim()
    assert low < 1e-4 < 1e-2 < high
    assert picture.description.endswith("network[0].weights 0.001, network[2].weights 0.003")
    assert update_ratios([history(looks=(look(0),))]) is None


def test_many_layers_have_a_short_legend():
    looks = [
        replace(
            each,
            parameters=tuple(
                replace(each.parameters[0], parameter=f"network[{i}].weights") for i in range(30)
            ),
        )
        for each in (look(20), look(40))
    ]
    told = names(update_ratios([history(looks=tuple(looks))]))
    assert told[-2:] == ["23 more", "usual"]
    assert len(told) == 9


def test_histograms_from_the_first_look_to_the_last():
    pictures = histogram_pictures(history())
    assert [picture.title for picture in pictures] == [
        "network[0] dense",
        "network[1] relu",
        "network[2] dense",
    ]
    ticks = [text.get_text() for text in pictures[0].figure.axes[0].get_yticklabels()]
    assert ticks == ["0", "20", "40", "60", "80", "100"]
    assert pictures[1].remark == "mean 0.25, sd 1, 10% dead"
    assert len(histogram_sheet(history()).figure.axes) == 3
    long = history(epochs=30)
    ticks = histogram_pictures(long)[0].figure.axes[0].get_yticklabels()
    assert [text.get_text() for text in (ticks[0], ticks[-1])] == ["0", "600"]
    assert len(ticks) == 7


def test_outputs_in_a_range_too_narrow_to_be_seen_are_a_line():
    narrow = replace(statistics(0, "dense").histogram, low=0.001, high=0.003)
    first = replace(look(0), layers=(statistics(0, "dense", histogram=narrow),))
    last = replace(look(20), layers=(statistics(0, "dense"),))
    (picture,) = histogram_pictures(history(looks=(first, last)))
    (needle,) = picture.figure.axes[0].lines
    assert list(needle.get_xdata()) == pytest.approx([0.002, 0.002])


def test_outputs_that_are_all_alike_or_no_numbers():
    same = statistics(0, "relu", histogram=None, mean=float("nan"), std=float("inf"))
    needle = statistics(
        1, "tanh", histogram=replace(statistics(1, "tanh").histogram, low=0.0, high=0.0)
    )
    passed_on = statistics(2, "flatten")
    broken = replace(look(0), layers=(same, needle, passed_on))
    pictures = histogram_pictures(history(looks=(broken,)))
    assert [picture.title for picture in pictures] == ["network[0] relu", "network[1] tanh"]
    assert pictures[0].remark == "mean nan, sd ∞, 10% dead"
    assert histogram_sheet(history(looks=())) is None
    for picture in [*pictures, histogram_sheet(history(looks=(broken,)))]:
        picture.element()


def test_a_confusion_matrix_has_numbers_where_there_is_room():
    validated = facts().validated
    picture = confusion_picture(validated)
    axes = picture.figure.axes[0]
    counts = validated.matrix[validated.matrix > 0]
    assert sorted(int(text.get_text()) for text in axes.texts) == sorted(counts)
    assert len(axes.patches) == len(counts)
    colours = {patch.get_facecolor()[:3] for patch in axes.patches}
    assert len(colours) == 2, "right answers and mistakes"
    large = np.eye(40, dtype=int)
    picture = confusion_picture(replace(validated, matrix=large, names=[str(k) for k in range(40)]))
    assert not list(picture.figure.axes[0].texts)


def test_long_names_are_cut_short():
    validated = facts().validated
    told = [f"a very long name of class {c}" for c in range(10)]
    axes = confusion_picture(replace(validated, names=told)).figure.axes[0]
    assert axes.get_yticklabels()[0].get_text() == "a very long…"


def test_every_picture_can_be_saved(tmp_path):
    picture = cost_by_update(one(), "linear")
    assert picture.save(tmp_path) == "cost-by-update.png"
    assert (tmp_path / "cost-by-update.png").read_bytes().startswith(b"\x89PNG")
    assert [path.name for path in tmp_path.iterdir()] == ["cost-by-update.png"]


def test_pictures_do_not_depend_on_the_users_settings():
    import matplotlib

    with matplotlib.rc_context({"font.size": 40, "svg.fonttype": "path"}), drawing(SETTINGS):
        assert "<text" in cost_by_update(one(), "linear").element()
        assert matplotlib.rcParams["svg.fonttype"] == "none"


def test_numbers_stand_beside_every_logarithmic_axis():
    assert [most for most, _ in BETWEEN] == sorted(most for most, _ in BETWEEN)
    for factor in (1.2, 1.5, 2, 4, 10, 60, 1e3, 1e9):
        losses = np.geomspace(1.0, factor, 100) * 0.37
        flat = history(losses=losses, penalties=np.zeros(100))
        figure: Figure = cost_by_update(one(flat), "log").figure
        figure.canvas.draw()
        axes = figure.axes[0]
        low, high = axes.get_ylim()
        seen = [tick for tick in axes.get_yticks() if low <= tick <= high]
        assert 1 <= len(seen) <= 9, factor
    assert len(SERIES) == 8
