"""A network of one's own in place of layers: what the file says, and what that is read as."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from tests.config.reading import SMALLEST, load_text
from trainer_cli.config.imported import Imported
from trainer_cli.config.schema import schema

HEAD = "data: {source: digits}\n"


def test_a_file_and_a_module(tmp_path):
    loaded = load_text(tmp_path, f'{HEAD}network: {{import: "nets/mine.py:build"}}\n')
    assert loaded.experiment.network == ()
    assert loaded.own == Imported(
        text="nets/mine.py:build", place="nets/mine.py", function="build", folder=tmp_path
    )
    assert loaded.own.file == tmp_path / "nets" / "mine.py"
    module = f"{HEAD}network: {{import: package.nets:make, layout: channels_first}}\n"
    own = load_text(tmp_path, module).own
    assert own is not None
    assert (own.file, own.place, own.layout) == (None, "package.nets", "channels_first")


def test_layers_are_none_of_it(tmp_path):
    assert load_text(tmp_path, SMALLEST).own is None


def test_an_override_names_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    loaded = load_text(tmp_path, SMALLEST, ['network={import: "a.py:build"}'])
    assert loaded.own is not None
    assert loaded.own.file == tmp_path / "a.py"


def test_what_stands_beside_it_is_still_read(tmp_path):
    text = f'{HEAD}network: {{import: "a.py:build"}}\nloss: svm\nschedule: {{type: cosine}}\n'
    assert load_text(tmp_path, text).experiment.loss.type == "svm"


@pytest.mark.parametrize(
    ("network", "sound"),
    [
        ({"import": "net.py:build"}, True),
        ({"import": "a.b:build", "layout": "channels_first"}, True),
        ({"import": "net.py"}, False),
        ({"import": "net.py:build", "units": 3}, False),
        ({"layout": "channels_last"}, False),
    ],
)
def test_the_schema_says_so(network, sound):
    values = {"data": {"source": "digits"}, "network": network}
    assert Draft202012Validator(schema()).is_valid(values) == sound
