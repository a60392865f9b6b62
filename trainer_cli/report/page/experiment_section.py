"""What was run: the experiment file, the versions of what computed, the seed."""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping

import numpy as np

from trainer_cli import __version__
from trainer_cli.report.page.facts import RunFacts
from trainer_cli.report.page.markup import Markup, joined, tag
from trainer_cli.report.page.section import Section
from trainer_cli.report.page.told import ended_why, stopped_text

KEY = re.compile(r"^(\s*(?:- )?)([\w.]+)(:)(.*)$")


def experiment_section(facts: RunFacts) -> Section:
    """Return the experiment file of a run and what else it depends on."""
    pairs = {
        "run folder": facts.folder,
        "seed": _seeds(facts),
        "training ended": f"{stopped_text(facts.histories)}: {ended_why(facts.histories)}",
        "trained with": _versions(facts.versions) if facts.versions else "not recorded",
        "this page by": _versions(_own_versions()),
    }
    rows = joined(tag("div", tag("dt", name), tag("dd", told)) for name, told in pairs.items())
    return Section(
        name="experiment",
        title="Experiment",
        body=joined([tag("dl", rows, class_="pairs"), _file(facts.config)]),
    )


def _file(text: str) -> Markup:
    """Return an experiment file, its keys apart from its values."""
    return tag("pre", tag("code", joined((_line(line) for line in text.splitlines()), "\n")))


def _line(line: str) -> Markup:
    found = KEY.match(line)
    if found is None:
        return joined([line])
    before, key, colon, rest = found.groups()
    return joined([before, tag("span", key, class_="key"), colon, rest])


def _seeds(facts: RunFacts) -> str:
    seed, members = facts.experiment.seed, facts.experiment.training.members
    return str(seed) if members == 1 else f"{seed} to {seed + members - 1}, one for each member"


def _versions(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _own_versions() -> dict[str, str]:
    import matplotlib

    return {
        "nntrain": __version__,
        "numpy": np.__version__,
        "matplotlib": matplotlib.__version__,
        "python": platform.python_version(),
    }
