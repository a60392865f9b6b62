"""A fault in a network that a user wrote: an edit of the text of one that is sound."""

from __future__ import annotations

from trainer_cli.checks.selftest.case import Case
from trainer_cli.checks.selftest.files import OWN


def edited(name: str, network: str, before: str, after: str, *rules: str) -> Case:
    """Return the case of a network in which `after` stands in place of `before`."""
    return Case(
        name=name,
        kind="layer code",
        rules=rules,
        file=OWN,
        network=network,
        edit=(before, after),
    )
