"""What an evaluation has to say: figures of networks and classes, and the confusion matrix."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.cells import cell_len

from trainer_cli.config.problems import visible
from trainer_cli.report.aligned import aligned, shortened
from trainer_cli.report.report import Report
from trainer_cli.training.confusion import worst_pairs
from trainer_cli.training.evaluation import Evaluation, as_json
from trainer_cli.training.evaluation_findings import judge, validation_line
from trainer_cli.training.findings import loss_text

# A larger matrix is told by its most frequent mistakes.
MOST_IN_MATRIX = 20
MOST_MISTAKES = 10
NOT_APPLICABLE = "n/a"
LONGEST_NAME, SHORTEST_NAME = 24, 4  # columns that the name of a class takes

Row = Sequence[str]


def evaluation_report(evaluation: Evaluation, width: int | None = None) -> Report:
    """Return the report of an evaluation.

    On a terminal of `width` columns names are shortened where the numbers beside them have no room.
    """
    several = len(evaluation.networks) > 1
    told = _confusion if len(evaluation.classes) <= MOST_IN_MATRIX else _mistakes
    sections = [
        *([_networks(evaluation, width)] if several else []),
        _classes(evaluation, width),
        told(evaluation, width),
    ]
    table = [line for section in sections if section for line in ["", *section]]
    beside = validation_line(evaluation)
    lines = [_cost(evaluation), *([] if beside is None else [beside])]
    return Report(
        findings=judge(evaluation),
        results=as_json(evaluation),
        table=(*table, ""),
        lines=lines,
    )


def _cost(evaluation: Evaluation) -> str:
    if evaluation.cost is None:
        return "test cost: none, as the runs were trained on different losses"
    count = len(evaluation.networks)
    of_what = f", of the mean {evaluation.averaged} of {count:,} networks" if count > 1 else ""
    return f"test cost {loss_text(evaluation.cost)} (the loss, without penalty{of_what})"


def _networks(evaluation: Evaluation, width: int | None) -> list[str]:
    """Return the accuracy of every network beside that of all together."""
    own = evaluation.networks
    members = len({each.member for each in own}) > 1
    rows = [("network", *(["member"] if members else []), "validation", "test")]
    for each in own:
        name = f"{each.run} {each.weights}"
        shares = f"{each.validation_accuracy:.1%}", f"{each.test_accuracy:.1%}"
        rows.append((name, *([str(each.member)] if members else []), *shares))
    together = evaluation.validation
    validated = NOT_APPLICABLE if together is None else f"{together.accuracy:.1%}"
    name = f"mean {evaluation.averaged}"
    rows.append((name, *([""] if members else []), validated, f"{evaluation.accuracy:.1%}"))
    lines = aligned(rows, names=1)
    excess = 0 if width is None else max(map(cell_len, lines)) - width
    if excess <= 0:
        return lines
    longest = max(SHORTEST_NAME, max(cell_len(row[0]) for row in rows) - excess)
    return aligned([(_ending(row[0], longest), *row[1:]) for row in rows], names=1)


def _ending(name: str, most: int) -> str:
    """Return the last part of a name: that of a run says most."""
    return shortened(name[::-1], most)[::-1]


def _classes(evaluation: Evaluation, width: int | None) -> list[str]:
    """Return precision and recall of every class."""

    def rows(names: Sequence[str]) -> list[Row]:
        figures = [
            (
                f"{each.examples:,}",
                f"{each.predicted:,}",
                _share(each.precision),
                _share(each.recall),
            )
            for each in evaluation.classes
        ]
        head = ("class", "examples", "predicted", "precision", "recall")
        return [head, *((name, *cells) for name, cells in zip(names, figures, strict=True))]

    return _fitting(evaluation, width, rows, names=1)


def _fitting(
    evaluation: Evaluation,
    width: int | None,
    rows: Callable[[Sequence[str]], list[Row]],
    names: int,
) -> list[str]:
    """Return the rows aligned, with the longest names of classes that leave room for the rest."""
    for longest in range(LONGEST_NAME, SHORTEST_NAME - 1, -1):
        lines = aligned(rows(_names(evaluation, longest)), names)
        if width is None or all(cell_len(line) <= width for line in lines):
            break
    return lines


def _share(share: float | None) -> str:
    return NOT_APPLICABLE if share is None else f"{share:.1%}"


def _confusion(evaluation: Evaluation, width: int | None) -> list[str]:
    counts = [[f"{n:,}" if n else "." for n in row] for row in evaluation.matrix.tolist()]

    def rows(names: Sequence[str]) -> list[Row]:
        head = ("", *(str(c) for c in range(len(names))))
        return [head, *((name, *row) for name, row in zip(names, counts, strict=True))]

    heading = "confusion: classes in rows, what they were taken for in columns"
    return [heading, *_fitting(evaluation, width, rows, names=1)]


def _mistakes(evaluation: Evaluation, width: int | None) -> list[str]:
    pairs = worst_pairs(evaluation.matrix, MOST_MISTAKES)

    def rows(names: Sequence[str]) -> list[Row]:
        return [(names[c], "taken for", names[other], f"{n:,} times") for c, other, n in pairs]

    return ["most frequent mistakes", *_fitting(evaluation, width, rows, 3)] if pairs else []


def _names(evaluation: Evaluation, longest: int) -> Sequence[str]:
    """Return the number of every class, and its name where it has another one."""
    numbers = [str(c) for c in range(len(evaluation.classes))]
    width = max(map(len, numbers))
    if evaluation.class_names in (None, tuple(numbers)):
        return numbers
    return [
        f"{number:>{width}} {shortened(visible(name), longest)}"
        for number, name in zip(numbers, evaluation.class_names or (), strict=True)
    ]
