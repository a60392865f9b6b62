"""What runs have been told apart by: their figures side by side, and the settings that differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trainer_cli.config.load import values_in
from trainer_cli.config.value_text import value_text
from trainer_cli.report.page.facts import RunFacts
from trainer_cli.report.page.head_section import pill
from trainer_cli.report.page.lines import Curves
from trainer_cli.report.page.looks import SERIES
from trainer_cli.report.page.markup import Markup, joined, tag
from trainer_cli.report.page.missing import Missing
from trainer_cli.report.page.section import Section, left_out
from trainer_cli.report.page.told import figures_of, verdict_of

ABSENT = "–"
ELSEWHERE = ("overfit", "sweep")  # sections for other commands


def figures_section(runs: Sequence[RunFacts], curves: Sequence[Curves]) -> Section:
    """Return the first figures of every run, a row each; a name leads to the run's own part."""
    names = [figure.name for figure in figures_of(runs[0])]
    head = joined(
        [
            tag("th", "run", scope="col"),
            tag("th", "verdict", scope="col"),
            *(tag("th", name.lower(), scope="col", class_="n") for name in names),
        ]
    )
    rows = [
        tag(
            "tr",
            tag("th", _dot(own), tag("a", own.name, href=f"#r{i}"), scope="row"),
            tag("td", pill(verdict_of(facts))),
            *(tag("td", figure.value, class_="n") for figure in figures_of(facts)),
        )
        for i, (facts, own) in enumerate(zip(runs, curves, strict=True), start=1)
    ]
    whole = tag("table", tag("thead", tag("tr", head)), tag("tbody", *rows))
    return Section(name="runs", title="Runs", body=tag("div", whole, class_="wide"))


def settings_section(runs: Sequence[RunFacts], curves: Sequence[Curves]) -> Section:
    """Return a row for each setting in which the runs differ, and a column for each run."""
    flat = [dict(_flat(_of_training(facts.config))) for facts in runs]
    keys = dict.fromkeys(key for each in flat for key in each)
    differing = [key for key in keys if len({each.get(key, ABSENT) for each in flat}) > 1]
    if not differing:
        body = left_out("settings that differ", Missing("the runs have the same experiment file"))
        return Section(name="settings", title="Settings that differ", body=body)
    heads = [tag("th", _dot(own), own.name, scope="col") for own in curves]
    rows = [
        tag(
            "tr",
            tag("th", tag("code", key), scope="row"),
            *(tag("td", each.get(key, ABSENT)) for each in flat),
        )
        for key in differing
    ]
    head = tag("thead", tag("tr", tag("th", "setting", scope="col"), *heads))
    body = tag("div", tag("table", head, tag("tbody", *rows)), class_="wide settings")
    return Section(name="settings", title="Settings that differ", body=body)


def _of_training(config: str) -> dict[str, Any]:
    """Return the sections of an experiment file that training goes by."""
    return {key: value for key, value in values_in(config).items() if key not in ELSEWHERE}


def _dot(run: Curves) -> Markup:
    """Return the sign of a run's colour in the curves."""
    return tag("span", class_=f"dot s{run.order % len(SERIES) + 1}")


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every setting with its path, as in network.0.units."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _flat(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple) and any(isinstance(each, Mapping) for each in value):
        for i, inner in enumerate(value):
            yield from _flat(inner, f"{path}.{i}")
    else:
        yield path, value_text(value)
