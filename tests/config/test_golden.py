"""Every broken file in golden/ gets exactly the text that lies beside it.

A line "#! key=value" in a file is an override. NNTRAIN_ACCEPT=1 writes the texts anew; read the
difference before keeping it.
"""

import os
from pathlib import Path

import pytest

from trainer_cli.config.load import load
from trainer_cli.config.problems import ExperimentError
from trainer_cli.report.problems import problems_text

GOLDEN = Path(__file__).parent / "golden"
FILES = sorted(GOLDEN.glob("*.yaml"))
OVERRIDE = "#! "


def test_golden_files_are_many() -> None:
    assert len(FILES) >= 110
    assert {file.with_suffix(".txt").name for file in FILES} == {
        file.name for file in GOLDEN.glob("*.txt")
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_text_of_problems(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(GOLDEN)
    lines = file.read_text().splitlines()
    overrides = [line.removeprefix(OVERRIDE) for line in lines if line.startswith(OVERRIDE)]
    with pytest.raises(ExperimentError) as caught:
        load(Path(file.name), overrides)
    text = problems_text(caught.value.problems) + "\n"
    expected = file.with_suffix(".txt")
    if os.environ.get("NNTRAIN_ACCEPT"):
        expected.write_text(text)
    assert text == expected.read_text()
