"""Editors are told the truth: the schema takes what load takes and refuses what it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.config.reading import SMALLEST, load_text
from tests.config.test_dump import CONFIGS, FULL
from tests.config.test_parts import CLASSES
from trainer_cli.config.nodes import plain
from trainer_cli.config.parts import is_part, name_of
from trainer_cli.config.schema import schema

GOLDEN = Path(__file__).parent / "golden"
VALIDATOR = Draft202012Validator(schema())

# Files whose fault a schema cannot say: rules between keys, and the form of key paths.
BEYOND = {
    "augment_not_of_images", "dropout_behind_the_scores", "space_augment",
    "batch_of_one", "data_rules", "kernel_too_large", "shape_of_scores",
    "exponent_for_whole_number", "huge_whole_number", "infinite", "network_learns_nothing",
    "network_without_units", "outputs_before_an_activation", "outputs_not_classes", "path_empty",
    "path_of_unknown_user", "source_rule", "split_rules", "sweep_keys",
    "sweep_keys_checked", "sweep_nested", "sweep_outputs", "sweep_values",
    "sweep_epochs_searched", "sweep_members_searched", "sweep_grid_too_large",
    "sweep_other_examples",
    "sweep_shorter_than_warmup", "sweep_warmups",
    "too_large_for_a_float", "warmup_of_default_training", "warmup_too_long",
    "cosine_short_period", "cyclic_short_period", "checks_wrong_way_round",
}  # fmt: skip


def instance(text: str, folder: Path) -> Any:
    """Return the values of a file, as an editor would see them."""
    from trainer_cli.config.document import parse, split_lines
    from trainer_cli.config.nodes import Source

    problems: list[Any] = []
    root = parse(Source(name="", folder=folder, lines=split_lines(text)), text, problems)
    assert root is not None
    if problems:
        pytest.skip("not a document")
    return json.loads(json.dumps(plain(root)))


def test_schema_is_valid() -> None:
    Draft202012Validator.check_schema(schema())
    json.dumps(schema())


def test_default_of_the_space_is_what_a_file_says() -> None:
    space = schema()["properties"]["sweep"]["anyOf"][0]["properties"]["space"]
    assert space["default"] == {
        "optimizer.learning_rate": {"log_uniform": [1e-6, 1.0]},
        "regularization.l2": {"log_uniform": [1e-5, 100.0]},
    }
    values = {"data": {"source": "digits"}, "network": [{"type": "dense", "units": 10}]}
    VALIDATOR.validate({**values, "sweep": {"space": space["default"]}})


@pytest.mark.parametrize(
    "text", [SMALLEST, FULL, SMALLEST + "sweep: {}\n", *(file.read_text() for file in CONFIGS)]
)
def test_sound_files(text: str, tmp_path: Path) -> None:
    VALIDATOR.validate(instance(text, tmp_path))
    load_text(tmp_path, text.replace("../data", "data"))


def broken_files() -> list[Path]:
    from trainer_cli.config.problems import ExperimentError

    found = []
    for file in sorted(GOLDEN.glob("*.yaml")):
        if file.stem.startswith("set_"):
            continue
        try:
            instance(file.read_text(), GOLDEN)
        except (ExperimentError, AssertionError, pytest.skip.Exception):
            continue
        found.append(file)
    return found


def test_broken_files_are_many() -> None:
    assert len(broken_files()) >= 60
    assert {file.stem for file in broken_files()} >= BEYOND


@pytest.mark.parametrize("file", broken_files(), ids=lambda file: file.stem)
def test_broken_files(file: Path) -> None:
    values = instance(file.read_text(), GOLDEN)
    assert VALIDATOR.is_valid(values) == (file.stem in BEYOND)


def test_every_part_is_in_it() -> None:
    text = json.dumps(schema())
    parts = [cls for cls in CLASSES if is_part(cls)]
    assert len(parts) >= 28
    for cls in parts:
        name = name_of(cls)
        named = f'{{"const": "{name}"' in text or f'"properties": {{"{name}"' in text
        assert named or name in schema()["properties"]["checks"]["properties"]


def test_every_key_is_described() -> None:
    count = 0
    stack: list[Any] = [schema()]
    while stack:
        each = stack.pop()
        if isinstance(each, dict):
            for key, value in each.get("properties", {}).items():
                if "const" not in value:
                    assert value.get("description"), key
                    count += 1
            stack.extend(each.values())
        elif isinstance(each, list):
            stack.extend(each)
    assert count >= 40
