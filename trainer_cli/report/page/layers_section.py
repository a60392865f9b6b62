"""What went on inside the network: update ratios, outputs of the layers, sizes of parameters."""

from __future__ import annotations

from collections.abc import Sequence

from trainer_cli.report.page.histogram_pictures import histogram_pictures, histogram_sheet
from trainer_cli.report.page.markup import Markup, joined, tag
from trainer_cli.report.page.missing import Missing
from trainer_cli.report.page.ratio_picture import update_ratios
from trainer_cli.report.page.section import Section, folded, grid, left_out, table
from trainer_cli.training.history import History, Look

MOST_PANELS = 48
HOW_TO_READ = (
    "How the outputs were spread on the same training examples, from the first look behind to the "
    "last in front. The numbers beside are updates; every outline is as high as the others."
)


def layers_section(histories: Sequence[History], prefix: str) -> Section:
    """Return what the looks at the layers have found; the outputs are those of the first member."""
    looked = [history for history in histories if history.looks]
    if not looked:
        why = Missing("training never looked at the layers")
        return Section(name="layers", title="Layers", body=left_out("layers", why))
    first, ratios = looked[0], update_ratios(looked)
    panels, sheet = histogram_pictures(first)[:MOST_PANELS], histogram_sheet(first)
    whose = f" of member {first.member}" if len(histories) > 1 else ""
    outputs = tag(
        "div",
        tag("h3", f"Outputs of each layer{whose}"),
        tag("p", HOW_TO_READ, class_="remark"),
        grid(panels, prefix, "grid small"),
    )
    left = (
        left_out("update ratios", Missing("no look came after an update of values that are not 0"))
        if ratios is None
        else ratios.element(prefix)
    )
    parameters = folded(f"Parameters{whose} at the last look", _parameters(first.looks[-1]))
    pictures = [picture for picture in (ratios, sheet) if picture is not None]
    return Section(
        name="layers",
        title="Layers",
        body=joined([tag("div", left, outputs, class_="beside"), parameters]),
        files=[picture.save for picture in pictures],
    )


def _parameters(look: Look) -> Markup:
    head = ["parameter", "norm", "min", "max", "mean", "std", "update's norm", "ratio"]
    rows = [
        [
            each.parameter,
            *(
                f"{getattr(each.values, name):.3g}"
                for name in ("norm", "min", "max", "mean", "std")
            ),
            "–" if each.updates is None else f"{each.updates.norm:.2g}",
            "–" if each.ratio is None else f"{each.ratio:.2g}",
        ]
        for each in look.parameters
    ]
    return table(head, rows)
