"""The reference of experiment files is what the settings classes say, and leaves out nothing."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from tests.parts import members_of
from tests.test_architecture import SETTINGS
from trainer_cli.config.parts import is_part, name_of, settings_of
from trainer_cli.config.reference import reference
from trainer_cli.config.space import Distribution

TEXT = reference()
DRAWN = members_of(Distribution)  # written {uniform: [low, high]}, not by their settings
LISTED = [part for part in SETTINGS if part not in DRAWN]


def test_the_file_in_docs_is_up_to_date():
    file = Path(__file__).parents[2] / "docs" / "experiment_file.md"
    assert file.read_text(encoding="utf-8") == TEXT, "run make docs"


@pytest.mark.parametrize("part", LISTED, ids=lambda part: part.__qualname__)
def test_every_part_and_setting_is_there(part):
    assert len(LISTED) >= 60
    if is_part(part):
        assert f"\n### {name_of(part)}\n" in TEXT
    for name in settings_of(part):
        assert f"\n| `{name}` | " in TEXT
    assert len(settings_of(part)) >= len(fields(part)) - 1


def test_a_table():
    table = TEXT[TEXT.index("### exponential") :]
    lines = [line for line in table.splitlines() if line.startswith("|")]
    assert lines[0] == "| setting | is | values | default |"
    (factor,) = [line for line in lines[:8] if line.startswith("| `factor`")]
    assert "a number above 0 and at most 1" in factor


def test_no_cell_is_empty():
    rows = [line for line in TEXT.splitlines() if line.startswith("| `")]
    assert len(rows) >= 100
    for row in rows:
        cells = row.replace("\\|", "").strip("|").split("|")
        assert len(cells) == 4
        assert all(cell.strip() for cell in cells)
