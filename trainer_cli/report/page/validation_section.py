"""Which classes are taken for which, and the examples that the network is most wrong about."""

from __future__ import annotations

from functools import partial

from trainer_cli.report.page.confusion_picture import confusion_picture
from trainer_cli.report.page.markup import Markup, joined, tag
from trainer_cli.report.page.missing import Missing
from trainer_cli.report.page.pixels import image_element, save_sheet
from trainer_cli.report.page.section import Save, Section, folded, left_out, table
from trainer_cli.report.page.validated import Mistake, Validated
from trainer_cli.training.confusion import by_class, worst_pairs

MOST_PAIRS = 8
FEW = 12  # classes whose figures have room beside the matrix
CLASSES = "Precision and recall"
MOST_VALUES = 8  # of an example that is no image, from its first on


def validation_section(validated: Validated | Missing, prefix: str) -> Section:
    """Return the confusion matrix, its worst pairs and the surest mistakes."""
    if isinstance(validated, Missing):
        body = left_out("look at the validation examples", validated)
        return Section(name="validation", title="Validation examples", body=body)
    picture = confusion_picture(validated)
    files: list[Save] = [picture.save]
    images = [mistake.image for mistake in validated.mistakes if mistake.image is not None]
    if images:
        files.append(partial(save_sheet, images, "mistakes"))
    few = len(validated.names) <= FEW
    tables = [_pairs(validated), _classes(validated) if few else None]
    beside = tag("div", picture.element(prefix), *tables, class_="grid")
    below = None if few else folded(CLASSES, _class_table(validated))
    return Section(
        name="validation",
        title="Validation examples",
        body=joined([_summary(validated), beside, below, _mistakes(validated)]),
        files=files,
    )


def _summary(validated: Validated) -> Markup:
    who = "the network of the best epoch"
    if validated.networks > 1:
        mean = "probabilities" if validated.probabilities else "scores"
        who = f"the mean {mean} of {validated.networks} members, each in its best epoch,"
    told = (
        f"By {who} {validated.right:,} of {validated.examples:,} are right, "
        f"{validated.right / validated.examples:.1%}."
    )
    return tag("p", told)


def _pairs(validated: Validated) -> Markup | None:
    pairs = worst_pairs(validated.matrix, MOST_PAIRS)
    if not pairs:
        return None
    sizes, names = validated.matrix.sum(axis=1), validated.names
    rows = [
        [names[c], names[other], f"{count:,}", f"{count / sizes[c]:.0%}"]
        for c, other, count in pairs
    ]
    head = ["class", "taken for", "times", "of class"]
    caption = tag("figcaption", "Most frequent mistakes")
    return tag("figure", caption, table(head, rows, names=2))


def _classes(validated: Validated) -> Markup:
    return tag("figure", tag("figcaption", CLASSES), _class_table(validated))


def _class_table(validated: Validated) -> Markup:
    rows = [
        [
            validated.names[c],
            f"{each.examples:,}",
            "n/a" if each.precision is None else f"{each.precision:.1%}",
            "n/a" if each.recall is None else f"{each.recall:.1%}",
        ]
        for c, each in enumerate(by_class(validated.matrix))
    ]
    return table(["class", "examples", "precision", "recall"], rows)


def _mistakes(validated: Validated) -> Markup:
    mistakes = validated.mistakes
    if not mistakes:
        return tag("p", "No example was taken for another class.")
    wrong = validated.examples - validated.right
    shown = f"the {len(mistakes)} surest of {wrong:,}" if len(mistakes) < wrong else f"all {wrong}"
    measure = (
        "the probability of the wrong class"
        if validated.probabilities
        else "by how much the wrong class's score is above the right one's"
    )
    remark = f"{shown[0].upper()}{shown[1:]}, with {measure}; # is the row of the source, from 0."
    body = _table(validated) if mistakes[0].image is None else _pictures(validated)
    return joined([tag("h3", "Surest mistakes"), tag("p", remark, class_="remark"), body])


def _pictures(validated: Validated) -> Markup:
    names = validated.names
    cards = [
        tag(
            "figure",
            image_element(each.image, f"A {names[each.true]} taken for {names[each.taken]}"),
            tag(
                "figcaption",
                tag("b", f"taken for {names[each.taken]}"),
                tag("span", f"is {names[each.true]}"),
                tag("span", f"{_sure(validated, each)} · #{each.row}", class_="soft"),
            ),
        )
        for each in validated.mistakes
        if each.image is not None
    ]
    return tag("div", joined(cards), class_="mistakes")


def _table(validated: Validated) -> Markup:
    names, mistakes = validated.names, validated.mistakes
    shown = min(MOST_VALUES, len(mistakes[0].values))
    head = ["row", "class", "taken for", "sure", *(f"x{k}" for k in range(shown))]
    rows = [
        [
            f"#{each.row}",
            names[each.true],
            names[each.taken],
            _sure(validated, each),
            *(f"{value:.3g}".replace("-", "−") for value in each.values[:shown]),
        ]
        for each in mistakes
    ]
    return table(head, rows, names=3)


def _sure(validated: Validated, mistake: Mistake) -> str:
    return f"{mistake.sure:.1%}" if validated.probabilities else f"+{mistake.sure:.3g}"
