"""Loads the user's own Python and builds the network that it describes."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import random
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from trainer_cli.checks.own.network import OwnNetwork, Reference
from trainer_cli.checks.own.numpy_network import NumpyNetwork
from trainer_cli.checks.own.raised import guarded, refuse
from trainer_cli.checks.own.torch_network import TorchNetwork
from trainer_cli.config.imported import Imported
from trainer_cli.nn.layers.place import Shape

INTERFACE = (
    "return an object with params, a dict of arrays, and loss(X, y), or a torch.nn.Module: "
    "see docs/your-own-network.md"
)
OFFERED = ("input_shape", "classes", "seed")
Build = Callable[..., Any]


def load(own: Imported) -> Build:
    """Import the file or module that the experiment names, and return its function.

    Files beside it, and for a module those of the working folder, can be imported by it.
    """
    file = own.file
    module = _from_file(file) if file is not None else _by_name(own)
    blame = Path(getattr(module, "__file__", None) or own.place)
    build = getattr(module, own.function, None)
    if not callable(build):
        has = "is not a function" if hasattr(module, own.function) else "is not there"
        raise refuse(f"{own.function} {has}", f"network.import names {own.text}", blame)
    made: Build = build
    return made


def _from_file(file: Path) -> ModuleType:
    if not file.is_file():
        raise refuse("no such file", "network.import is relative to the experiment file", file)
    name = f"nntrain_own_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look a class up where it was made
    with _importable(file.parent), guarded(f"importing {file.name}", file):
        spec.loader.exec_module(module)
    return module


def _by_name(own: Imported) -> ModuleType:
    with (
        _importable(own.folder),
        _importable(Path.cwd()),
        guarded(f"importing {own.place}", Path(own.place)),
    ):
        return importlib.import_module(own.place)


class _importable:  # noqa: N801
    """Puts a folder first where Python looks for modules, and last once the import is done."""

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder.absolute())

    def __enter__(self) -> None:
        sys.path.insert(0, self.folder)

    def __exit__(self, *_: object) -> None:
        with suppress(ValueError):
            sys.path.remove(self.folder)
        if self.folder not in sys.path:  # for imports within functions
            sys.path.append(self.folder)


def built(own: Imported, build: Build, shape: Shape, seed: int, reference: Reference) -> OwnNetwork:
    """Call the user's function and take what it returns as a network."""
    laid_out = _laid_out(shape, own)
    offered = dict(zip(OFFERED, (laid_out, reference.classes, seed), strict=True))
    with guarded(own.function, build):
        parameters = inspect.signature(build).parameters
    takes_all = any(each.kind is each.VAR_KEYWORD for each in parameters.values())
    given = {name: value for name, value in offered.items() if takes_all or name in parameters}
    with guarded(own.function, build, _unnamed(own, build, parameters.values())):
        np.random.seed(seed % 2**32)  # noqa: NPY002 - what a build without a seed draws from
        random.seed(seed)
        torch = sys.modules.get("torch")
        if torch is not None:
            torch.manual_seed(seed)
        network = build(**given)
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(network, torch.nn.Module):
        return TorchNetwork(network, own, build, laid_out, reference)
    with guarded(f"reading what {own.function} returned", build):
        lacks = _lacks(network)
    if lacks is not None:
        what = f"{own.function} returned {lacks[0]}, which is no network{lacks[1]}"
        raise refuse(what, INTERFACE, build)
    return NumpyNetwork(network, own, build)


def _unnamed(own: Imported, build: Build, parameters: Iterable[inspect.Parameter]) -> str | None:
    """Return the hint on parameters that are not offered and have no default; None for none."""
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    unknown = [
        each.name
        for each in parameters
        if each.default is each.empty and (each.kind not in named or each.name not in OFFERED)
        if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
    ]
    if not unknown:
        return None
    told = (
        f"{own.function} may name {', '.join(OFFERED[:-1])} and {OFFERED[-1]}, and gets those that "
        f"it names: nothing is given for {', '.join(unknown)}"
    )
    if isinstance(build, type):
        return f"{told}; write a function build(input_shape, classes, seed) that makes it"
    return f"{told}; give what else it needs a default"


def _lacks(network: Any) -> tuple[str, str] | None:
    """Return what was given in place of a network and what it lacks; None for a network."""
    if network is None or isinstance(network, type):
        return ("None", "") if network is None else (f"the class {network.__name__}", ": call it")
    params, loss = getattr(network, "params", None), getattr(network, "loss", None)
    lacks = []
    if params is None:
        lacks.append("it has no params")
    elif not isinstance(params, dict):
        lacks.append(f"its params is a {type(params).__name__}, not a dict")
    elif not params:
        lacks.append("its params is empty")
    elif not all(isinstance(name, str) for name in params):
        lacks.append("the names in its params are not text")
    if not callable(loss):
        lacks.append("it has no loss(X, y)")
    return (f"a {type(network).__name__}", f": {', and '.join(lacks)}") if lacks else None


def _laid_out(shape: Shape, own: Imported) -> Shape:
    first = own.layout == "channels_first" and len(shape) == 3
    return (shape[2], shape[0], shape[1]) if first else shape
