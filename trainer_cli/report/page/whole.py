"""The whole page: the sections of one run, or several runs compared and then each by itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from trainer_cli import __version__
from trainer_cli.report.page.comparison import figures_section, settings_section
from trainer_cli.report.page.curves_section import curves_section
from trainer_cli.report.page.experiment_section import experiment_section
from trainer_cli.report.page.facts import RunFacts
from trainer_cli.report.page.head_section import findings_section, pill, subject, tiles
from trainer_cli.report.page.layers_section import layers_section
from trainer_cli.report.page.lines import Curves
from trainer_cli.report.page.looks import COLOURS
from trainer_cli.report.page.markup import Markup, joined, tag
from trainer_cli.report.page.section import Save, Section
from trainer_cli.report.page.told import accuracy_text, verdict_of
from trainer_cli.report.page.validation_section import validation_section
from trainer_cli.report.page.weights_section import weights_section

UNFIT = re.compile(r"[^\w.-]+")  # in the name of a folder
GENERATOR = "nntrain report"
# A browser is told to load nothing and to run nothing, whatever a file may have smuggled in.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page and the files beside it: `saves` of the page's folder, and by name of one inside."""

    html: str
    saves: dict[str, Sequence[Save]]


def page_of(runs: Sequence[RunFacts]) -> Page:
    """Return the page of one run or of several; within `drawing`."""
    return _of_one(runs[0]) if len(runs) == 1 else _of_several(runs)


def _of_one(facts: RunFacts) -> Page:
    sections = _sections(facts, "")
    head = tag(
        "header",
        tag("p", "nntrain report", class_="kicker"),
        tag("h1", facts.name, " ", pill(verdict_of(facts))),
        tag("p", subject(facts), class_="remark"),
        tiles(facts),
    )
    body = joined(each.element("") for each in sections)
    html = _document(facts.name, joined([head, _contents(sections), tag("main", body)]))
    return Page(html=html, saves={"": _files(sections)})


def _of_several(runs: Sequence[RunFacts]) -> Page:
    names = names_of(runs)
    curves = [
        Curves(name, facts.histories, i)
        for i, (name, facts) in enumerate(zip(names, runs, strict=True))
    ]
    compared = [
        figures_section(runs, curves),
        settings_section(runs, curves),
        curves_section(curves, "all-"),
    ]
    saves: dict[str, Sequence[Save]] = {"": _files(compared)}
    own: list[Markup] = []
    for i, (name, facts) in enumerate(zip(names, runs, strict=True), start=1):
        sections = _sections(facts, f"r{i}-")
        saves[f"{i}-{UNFIT.sub('-', facts.name)}"] = _files(sections)
        summary = tag("summary", name, " ", pill(verdict_of(facts)), " ", accuracy_text(facts))
        inside = [each.element(f"r{i}-", level=3) for each in sections]
        about = tag("p", subject(facts), class_="remark")
        own.append(tag("details", summary, about, tiles(facts), *inside, id=f"r{i}", class_="run"))
    each_run = Section(name="each", title="Each run", body=joined(own))
    sections = [*compared, each_run]
    head = tag(
        "header", tag("p", "nntrain report", class_="kicker"), tag("h1", f"{len(runs)} runs")
    )
    body = joined(each.element("") for each in sections)
    html = _document(f"{len(runs)} runs", joined([head, _contents(sections), tag("main", body)]))
    return Page(html=html, saves=saves)


def names_of(runs: Sequence[RunFacts]) -> list[str]:
    """Return what runs are called: by their folders' names, or whole paths where these agree."""
    counts = Counter(facts.name for facts in runs)
    return [facts.name if counts[facts.name] == 1 else facts.folder for facts in runs]


def _sections(facts: RunFacts, prefix: str) -> list[Section]:
    return [
        findings_section(facts),
        curves_section([Curves(facts.name, facts.histories)], prefix),
        layers_section(facts.histories, prefix),
        weights_section(facts.first_layer),
        validation_section(facts.validated, prefix),
        experiment_section(facts),
    ]


def _files(sections: Sequence[Section]) -> list[Save]:
    return [save for section in sections for save in section.files]


def _contents(sections: Sequence[Section]) -> Markup:
    links = joined(tag("a", each.title, href=f"#{each.name}") for each in sections)
    return tag("nav", links, aria_label="Sections")


def _document(title: str, body: Markup) -> str:
    style = (files("trainer_cli.report.page") / "page.css").read_text(encoding="utf-8")
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="generator", content=f"{GENERATOR} {__version__}"),
        tag("title", f"{title} · nntrain"),
        tag("style", Markup(_variables() + style)),
    )
    return "<!doctype html>\n" + tag("html", head, tag("body", body), lang="en") + "\n"


def _variables() -> str:
    """Return the style sheet's colours, for paper and for a dark screen."""
    light, dark = (
        " ".join(f"--{name}: {colours[k]};" for name, colours in COLOURS.items()) for k in (0, 1)
    )
    return (
        f":root {{ {light} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"
    )
