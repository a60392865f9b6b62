"""What a sweep has to say once it is over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from shlex import quote

from trainer_cli.report.report import Report
from trainer_cli.report.sweep_picture import PICTURE
from trainer_cli.report.sweep_table import STATES, in_order, sweep_table
from trainer_cli.report.sweep_words import range_text
from trainer_cli.search.plan import described
from trainer_cli.search.recorded import BEST, describe
from trainer_cli.search.sweep import Swept
from trainer_cli.search.trials import Result
from trainer_cli.training.findings import Finding, counted

MOST_REASONS = 3


def sweep_report(
    swept: Swept,
    findings: Sequence[Finding],
    folder: Path,
    exit_code: int | None,
    *,
    pictured: bool,
) -> Report:
    """Return the report of a sweep in `folder`; `exit_code` is set if a signal ended it.

    `pictured` says whether there is a picture: without matplotlib there is none.
    """
    best = swept.best
    config = None if best is None else str(folder / BEST)
    plans = [described(stage) for stage in swept.stages]
    kept = ("stage", "epochs", "space", "stacks")
    return Report(
        findings=findings,
        results={
            "run": str(folder),
            "stages": [{key: plan[key] for key in kept} for plan in plans],
            "trials": [asdict(result) for result in swept.results],
            "best": None if best is None else asdict(best),
            "best_config": config,
            "picture": str(folder / PICTURE) if pictured else None,
            "stopped": swept.stopped,
            "seconds": swept.seconds,
        },
        table=_framed(sweep_table(swept)),
        lines=list(_lines(swept, folder, pictured=pictured)),
        exit_code=exit_code,
    )


def _framed(table: list[str]) -> list[str]:
    return ["", *table, ""] if table else []


def _lines(swept: Swept, folder: Path, *, pictured: bool) -> Iterator[str]:
    yield _summary(swept)
    yield from _infeasible(swept)
    for before, stage in zip(swept.stages, swept.stages[1:], strict=False):
        for path, now in stage.space.items():
            if now != before.space[path]:
                yield f"stage {stage.number}: {path}: {range_text(now, before.space[path])}"
    best = swept.best
    if best is not None:
        yield f"best: {describe(best)}{_despite_better(swept, best)}"
        yield f"train it: nntrain train {quote(str(folder / BEST))}"
    if pictured:
        yield f"picture: {folder / PICTURE}"
    else:
        yield "picture: needs the extra plots: pip install 'nntrain[plots]'"
    yield f"run: {folder}"
    if swept.stopped == "interrupted":
        yield f"go on with it: nntrain sweep --resume {quote(str(folder))}"


def _summary(swept: Swept) -> str:
    """Return how many trials there were and what became of them."""
    counts = {s: sum(result.state == s for result in swept.results) for s in STATES}
    told = ", ".join(f"{n:,} {state}" for state, n in counts.items() if n)
    line = f"{counted(len(swept.results), 'trial')} in {counted(len(swept.stages), 'stage')}"
    line = f"interrupted after {line}" if swept.stopped == "interrupted" else line
    line = f"{line}, {swept.seconds:.1f} s"
    return f"{line}: {told}" if told else line


def _infeasible(swept: Swept) -> Iterator[str]:
    """Say why trials could not be trained, the most frequent reasons first."""
    lost = (result.reason for result in swept.results if result.state == "infeasible")
    reasons = Counter(lost).most_common()
    for reason, count in reasons[:MOST_REASONS]:
        yield f"{count:,} infeasible: {reason}"
    if len(reasons) > MOST_REASONS:
        yield f"... and {counted(len(reasons) - MOST_REASONS, 'more reason')}"


def _despite_better(swept: Swept, best: Result) -> str:
    """Say why the best is another than the first of the table, which is of another stage."""
    if best is in_order(swept)[0]:
        return ""
    last = best.stage == swept.stages[-1].number
    return f" ({'the last stage' if last else f'stage {best.stage}'} decides)"
