"""How the pictures of a page look: colours by name, sizes, axes, numbers beside them."""

from __future__ import annotations

from math import floor, isfinite, log10
from typing import TYPE_CHECKING, Any, Literal

from trainer_cli.report.sweep_looks import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Every colour by its name: on paper, and on a dark screen. PNG files have the first; in the page a
# picture names a colour, and the style sheet says which it is.
COLOURS = {
    "ink": ("#1c2127", "#e4e8ed"),
    "soft": ("#5c6570", "#9ba5b1"),
    "line": ("#d8dce1", "#333a43"),
    "grid": ("#ebedf0", "#262c34"),
    "surface": ("#ffffff", "#1b1f26"),
    "ground": ("#f6f7f8", "#111418"),
    "s1": ("#2b6cd4", "#6ea8ff"),
    "s2": ("#d9702b", "#ff9f62"),
    "s3": ("#23936a", "#4fca9b"),
    "s4": ("#8457c8", "#b795f5"),
    "s5": ("#bd3a7a", "#f27fb4"),
    "s6": ("#a5812a", "#dcb656"),
    "s7": ("#178ca3", "#53c6db"),
    "s8": ("#6f7884", "#a3adb9"),
    "pass": ("#1b7a4b", "#58cf95"),
    "warn": ("#946000", "#eab54d"),
    "fail": ("#c22f32", "#ff7d7a"),
    "skip": ("#46688c", "#8fb4da"),
}
PAPER = {name: colours[0] for name, colours in COLOURS.items()}
SERIES = tuple(PAPER[f"s{k}"] for k in range(1, 9))
INK, SOFT, FAIL, SURFACE = (PAPER[name] for name in ("ink", "soft", "fail", "surface"))
TRAINING, VALIDATION, PENALTY = SERIES[0], SERIES[1], SERIES[3]

# Inches, of 72 points: a picture is shown 330 to 400 pixels wide, on a phone and in three columns
# alike, so that its text has its size everywhere.
SIZE = (4.7, 2.9)
TEXT = 10.5  # points
FAINT, BAND = 0.22, 0.16
SETTINGS: Any = {
    "font.size": TEXT,
    "text.color": INK,
    "text.parse_math": False,
    "axes.labelcolor": SOFT,
    "axes.edgecolor": PAPER["line"],
    "axes.linewidth": 0.8,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.unicode_minus": True,
    "axes.facecolor": SURFACE,
    "figure.facecolor": SURFACE,
    "grid.color": PAPER["grid"],
    "grid.linewidth": 0.8,
    "xtick.color": PAPER["line"],
    "ytick.color": PAPER["line"],
    "xtick.labelcolor": SOFT,
    "ytick.labelcolor": SOFT,
    "xtick.labelsize": TEXT - 0.5,
    "ytick.labelsize": TEXT - 0.5,
    "xtick.minor.visible": False,
    "ytick.left": False,
    "lines.linewidth": 1.6,
    "lines.solid_capstyle": "round",
    "lines.solid_joinstyle": "round",
    "legend.frameon": False,
    "legend.fontsize": TEXT - 1,
    "legend.labelcolor": INK,
    "legend.handlelength": 1.2,
    "legend.columnspacing": 1.1,
    "legend.handletextpad": 0.5,
    "legend.borderpad": 0.1,
    "svg.fonttype": "none",
    "svg.hashsalt": "nntrain",
    "path.simplify_threshold": 0.2,
}
Signs = list[tuple[str, Any]]  # of a legend: what each sign means, and the sign
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
LETTERS_ACROSS = 53  # of a legend in one row of a picture
SIGN_LETTERS = 4  # the room that a sign and the gap after it take, in letters
STEPS = [1, 2, 2.5, 5, 10]
# A logarithmic axis over less than so many decades needs numbers between the powers of ten.
BETWEEN = (
    (0.35, (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)),
    (0.8, (1, 1.5, 2, 3, 5, 7)),
    (1.7, (1, 2, 5)),
)


def new_picture(size: tuple[float, float] = SIZE) -> tuple[Figure, Axes]:
    """Return a figure with one panel."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    figure.get_layout_engine().set(w_pad=0.04, h_pad=0.04)  # type: ignore[union-attr, call-arg]
    return figure, figure.subplots()


def legend(figure: Figure, signs: Signs) -> None:
    """Say above the panel what the signs mean, in as few rows as the letters need."""
    if not signs:
        return
    letters = [SIGN_LETTERS + len(name) for name, _ in signs]
    fits = sum(letters) <= LETTERS_ACROSS
    figure.axes[0].legend(
        handles=[sign for _, sign in signs],
        # A name that begins with an underscore would be left out.
        labels=["\N{ZERO WIDTH SPACE}" * name.startswith("_") + name for name, _ in signs],
        loc="lower left",
        bbox_to_anchor=(0, 1),
        borderaxespad=0.3,
        ncols=len(signs) if fits else max(1, LETTERS_ACROSS // max(letters)),
    )


def count_axis(axes: Axes, label: str) -> None:
    """Let x count whole things: updates or epochs."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.set_xlabel(label)
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=STEPS, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda count, _: counted_short(count)))


def value_axis(axes: Axes, scale: Literal["linear", "log"], low: float, high: float) -> None:
    """Let y be a cost or a rate between two bounds, which must be positive on a log scale."""
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

    if scale == "linear":
        axes.yaxis.set_major_locator(MaxNLocator(5, steps=STEPS))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
        axes.set_ylim(low, high)
        return
    axes.set_yscale("log")
    decades = log10(high / low)
    between = next((subs for most, subs in BETWEEN if decades < most), (1,))
    axes.yaxis.set_major_locator(LogLocator(subs=[float(sub) for sub in between], numticks=6))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    axes.set_ylim(low, high)


def share_axis(axes: Axes, low: float, high: float) -> None:
    """Let y be an accuracy between two bounds."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.yaxis.set_major_locator(MaxNLocator(5, steps=STEPS))
    axes.yaxis.set_major_formatter(FuncFormatter(percent))
    axes.set_ylim(low, high)


def counted_short(count: float) -> str:
    """Return a count as it is written under an axis.

    >>> [counted_short(n) for n in (0, 800, 2500, 40_000, 1_500_000)]
    ['0', '800', '2,500', '40k', '1.5M']
    """
    if abs(count) < 10_000:
        return f"{count:,.0f}"
    return f"{count / 1e6:g}M" if abs(count) >= 1e6 else f"{count / 1e3:g}k"


def number(value: float) -> str:
    """Return a number as it is written beside an axis, very small and large ones by powers of ten.

    >>> [number(v) for v in (0.0, 0.25, -150.0, 0.001, 1e-4, 2e-6, -3e7, float("inf"))]
    ['0', '0.25', '−150', '0.001', '10⁻⁴', '2×10⁻⁶', '−3×10⁷', '∞']
    """
    if not isfinite(value):
        return f"{value}".replace("inf", "∞").replace("-", "−")
    if value == 0 or 1e-3 <= abs(value) * (1 + 1e-9) < 1e5:
        return f"{value:g}".replace("-", "−")
    power = floor(log10(abs(value)) + 1e-9)
    front = f"{abs(value) / 10.0**power:.3g}"
    sign = "−" if value < 0 else ""
    return sign + ("" if front == "1" else f"{front}×") + f"10{str(power).translate(RAISED)}"
