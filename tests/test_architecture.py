"""The house keeps its order: imports go one way, and every file and part is made alike."""

from __future__ import annotations

import ast
import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest
from annotated_types import DocInfo

import trainer_cli
from trainer_cli.config.experiment import Experiment

PACKAGE = Path(trainer_cli.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
TREES = {file: ast.parse(file.read_text(encoding="utf-8")) for file in FILES}
EVERY_FILE = pytest.mark.parametrize(
    "file", FILES, ids=lambda file: file.relative_to(PACKAGE).as_posix()
)

# From the top of the house to its foundations: a room imports only rooms that come after it.
ROOMS = ["cli", "report", "checks", "search", "training", "config", "datasets", "optim", "nn"]
NUMPY = {"numpy", "annotated_types"}
THIRD_PARTY = {
    "cli": NUMPY | {"typer", "rich"},
    "report": NUMPY | {"matplotlib", "rich", "tensorboardX"},
    "search": NUMPY | {"distributed", "threadpoolctl"},
    "training": NUMPY | {"filelock", "safetensors", "threadpoolctl"},
    "config": NUMPY | {"pydantic", "pydantic_core", "yaml"},
}
MAY_PRINT = {"cli", "report"}
MOST_LINES = 250
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "misc", "common", "manager"}


def room_of(file: Path) -> str:
    """Return the folder under the package, or "" for the package's own file."""
    parts = file.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else ""


def imported(tree: ast.Module) -> Iterator[str]:
    """Yield the full names of all imported modules, wherever the import stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where they lead"
            if node.module == "trainer_cli":
                yield from (f"trainer_cli.{alias.name}" for alias in node.names)
            else:
                yield str(node.module)


def test_all_of_the_house_is_seen() -> None:
    assert len(FILES) >= 80
    assert {room_of(file) for file in FILES} - {""} <= set(ROOMS)
    assert len({room_of(file) for file in FILES}) >= 8


@EVERY_FILE
def test_a_room_imports_only_itself_and_rooms_below(file) -> None:
    room = room_of(file)
    allowed = set(ROOMS[ROOMS.index(room) :]) if room else set()
    used = {name.split(".")[1] for name in imported(TREES[file]) if name.startswith("trainer_cli.")}
    assert used & set(ROOMS) <= allowed


@EVERY_FILE
def test_a_room_knows_only_its_own_packages(file) -> None:
    tops = {name.split(".")[0] for name in imported(TREES[file])}
    foreign = tops - set(sys.stdlib_module_names) - {"trainer_cli"}
    assert foreign <= (THIRD_PARTY.get(room_of(file), NUMPY) if room_of(file) else set())


def test_an_extra_is_imported_where_it_is_used_and_not_before() -> None:
    extras = {
        "distributed": "search/executors/dask_cluster.py",
        "tensorboardX": "report/event_file.py",
    }
    for file, tree in TREES.items():
        tops = {name.split(".")[0] for name in imported(tree)}
        for extra in tops & extras.keys():
            assert file.relative_to(PACKAGE).as_posix() == extras[extra]
        at_once = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        loaded = imported(ast.Module(body=[*at_once], type_ignores=[]))
        assert not {name.split(".")[0] for name in loaded} & extras.keys()


@EVERY_FILE
def test_only_the_rooms_that_speak_print_or_exit(file) -> None:
    if room_of(file) in MAY_PRINT:
        return
    spoken = {"print", "exit", "quit", "SystemExit", "input", "breakpoint"}
    for node in ast.walk(TREES[file]):
        if isinstance(node, ast.Name):
            assert node.id not in spoken, node.lineno
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "sys":
            assert node.attr not in {"exit", "stdout", "stderr"}, node.lineno


@EVERY_FILE
def test_a_file_has_a_telling_name_and_a_readable_length(file) -> None:
    assert not set(file.stem.split("_")) & EMPTY_NAMES
    assert len(file.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def public(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Yield the public functions, classes and methods among these statements."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if node.name.startswith("_"):
                continue
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body)


@EVERY_FILE
def test_a_module_and_all_that_is_public_in_it_say_what_they_are_for(file) -> None:
    first_line = (ast.get_docstring(TREES[file]) or "").split("\n\n")[0]
    assert first_line.endswith((".", "?")), "a module opens with one sentence"
    silent = [node.name for node in public(TREES[file].body) if not ast.get_docstring(node)]
    assert not silent


def test_help_loads_nothing_but_typer_and_rich() -> None:
    script = (
        "import json, sys; from trainer_cli.cli.app import main\n"
        "sys.argv = ['nntrain', '--help']\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        "print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "overfit" in done.stdout
    loaded = {name.split(".")[0] for name in json.loads(done.stderr)}
    assert "typer" in loaded
    assert not loaded & {"numpy", "pydantic", "pydantic_core", "yaml", "safetensors"}
    rooms = {name for name in json.loads(done.stderr) if name.startswith("trainer_cli.")}
    assert {name.split(".")[1] for name in rooms} == {"cli"}


def test_no_class_overrides_what_its_base_has() -> None:
    """An abstract method is filled in, not overridden; a protocol's members are only named."""
    names = [file.relative_to(PACKAGE.parent).with_suffix("").parts for file in FILES]
    modules = [importlib.import_module(".".join(parts)) for parts in names]
    classes = {
        each
        for module in modules
        for each in vars(module).values()
        if isinstance(each, type) and each.__module__ == module.__name__
    }
    derived = [(each, base) for each in classes for base in each.__mro__[1:] if base in classes]
    assert len(derived) >= 15
    overridden = {
        f"{each.__qualname__}.{name}"
        for each, base in derived
        if not getattr(base, "_is_protocol", False)
        for name in vars(each).keys() & vars(base).keys()
        if not name.startswith(("__", "_abc_"))
        and not getattr(vars(base)[name], "__isabstractmethod__", False)
    }
    assert overridden == set()


def classes_in(annotation: Any) -> Iterator[type]:
    """Yield the settings classes that an annotation names, at any depth."""
    if is_dataclass(annotation) and isinstance(annotation, type):
        yield annotation
    for argument in get_args(annotation):
        yield from classes_in(argument)


def reachable(settings: type) -> set[type]:
    """Return `settings` and all settings classes that an experiment file can name below it."""
    found, waiting = set(), [settings]
    while waiting:
        found.add(current := waiting.pop())
        for hint in get_type_hints(current, include_extras=True).values():
            waiting += [part for part in classes_in(hint) if part not in found]
    return found


SETTINGS = sorted(reachable(Experiment), key=lambda part: part.__qualname__)


def test_every_part_with_a_tag_is_listed_by_its_package() -> None:
    names = [file.relative_to(PACKAGE.parent).with_suffix("").parts for file in FILES]
    modules = [importlib.import_module(".".join(parts)) for parts in names if "cli" not in parts[1]]
    tagged = {
        part
        for module in modules
        for part in vars(module).values()
        if is_dataclass(part) and isinstance(part, type) and "type" in part.__annotations__
    }
    assert len(tagged) >= 30
    assert tagged <= set(SETTINGS)


@pytest.mark.parametrize("part", SETTINGS, ids=lambda part: part.__qualname__)
def test_settings_are_frozen_keyword_only_and_documented(part) -> None:
    assert len(SETTINGS) >= 35
    assert part.__dataclass_params__.frozen
    assert all(field.kw_only for field in fields(part))
    assert part.__doc__
    assert not part.__doc__.startswith(f"{part.__name__}("), "made by dataclass, not written"
    hints = get_type_hints(part, include_extras=True)
    for field in fields(part):
        if field.name == "type":
            assert get_args(hints["type"]) == (field.default,)
            continue
        assert get_origin(hints[field.name]) is Annotated, field.name
        docs = [m.documentation for m in get_args(hints[field.name]) if isinstance(m, DocInfo)]
        assert len(docs) == 1, field.name
        assert docs[0] == docs[0].strip()
        assert not docs[0].endswith("."), "a noun phrase: hints go on after it"
