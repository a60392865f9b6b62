"""What an evaluation has to say: figures of networks and classes, and the confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence

from trainer_cli.report.aligned import aligned
from trainer_cli.report.report import Report
from trainer_cli.training.confusion import worst_pairs
from trainer_cli.training.evaluation import Evaluation, as_json
from trainer_cli.training.evaluation_findings import judge, validation_line
from trainer_cli.training.findings import loss_text

# A larger matrix is told by its most frequent mistakes.
MOST_IN_MATRIX = 20
MOST_MISTAKES = 10
NOT_APPLICABLE = "n/a"
LONGEST_NAME = 24


def evaluation_report(evaluation: Evaluation) -> Report:
    """Return the report of an evaluation."""
    several = len(evaluation.networks) > 1
    sections = [
        *([_networks(evaluation)] if several else []),
        _classes(evaluation),
        _confusion(evaluation) if len(evaluation.classes) <= MOST_IN_MATRIX else [],
        _mistakes(evaluation) if len(evaluation.classes) > MOST_IN_MATRIX else [],
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


def _networks(evaluation: Evaluation) -> list[str]:
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
    return aligned(rows, names=1)


def _classes(evaluation: Evaluation) -> list[str]:
    """Return precision and recall of every class."""
    rows = [("class", "examples", "predicted", "precision", "recall")]
    for name, each in zip(_names(evaluation), evaluation.classes, strict=True):
        shares = _share(each.precision), _share(each.recall)
        rows.append((name, f"{each.examples:,}", f"{each.predicted:,}", *shares))
    return aligned(rows, names=1)


def _share(share: float | None) -> str:
    return NOT_APPLICABLE if share is None else f"{share:.1%}"


def _confusion(evaluation: Evaluation) -> list[str]:
    numbers = [str(c) for c in range(len(evaluation.classes))]
    rows = [("", *numbers)]
    for c, name in enumerate(_names(evaluation)):
        rows.append((name, *(f"{count:,}" if count else "." for count in evaluation.matrix[c])))
    return ["confusion: classes in rows, what they were taken for in columns", *aligned(rows, 1)]


def _mistakes(evaluation: Evaluation) -> list[str]:
    names = _names(evaluation)
    pairs = worst_pairs(evaluation.matrix, MOST_MISTAKES)
    rows = [(names[c], "taken for", names[other], f"{n:,} times") for c, other, n in pairs]
    return ["most frequent mistakes", *aligned(rows, names=3)] if rows else []


def _names(evaluation: Evaluation) -> Sequence[str]:
    """Return the number of every class, and its name where it has another one."""
    numbers = [str(c) for c in range(len(evaluation.classes))]
    width = max(map(len, numbers))
    if evaluation.class_names in (None, tuple(numbers)):
        return numbers
    return [
        f"{number:>{width}} {_short(name)}"
        for number, name in zip(numbers, evaluation.class_names or (), strict=True)
    ]


def _short(name: str) -> str:
    visible = "".join(c if c.isprintable() else "?" for c in name)
    return visible if len(visible) <= LONGEST_NAME else f"{visible[: LONGEST_NAME - 1]}…"
