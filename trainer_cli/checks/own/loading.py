"""Loads the user's own Python and builds the network that it describes."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import random
import sys
from collections.abc import Callable
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
    offered = {"input_shape": _laid_out(shape, own), "classes": reference.classes, "seed": seed}
    with guarded(own.function, build):
        parameters = inspect.signature(build).parameters
        given = {name: value for name, value in offered.items() if name in parameters}
        np.random.seed(seed % 2**32)  # noqa: NPY002 - what a build without a seed draws from
        random.seed(seed)
        torch = sys.modules.get("torch")
        if torch is not None:
            torch.manual_seed(seed)
        network = build(**given)
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(network, torch.nn.Module):
        return TorchNetwork(network, own, build, reference)
    if not isinstance(getattr(network, "params", None), dict) or not callable(
        getattr(network, "loss", None)
    ):
        what = "None" if network is None else f"a {type(network).__name__}"
        raise refuse(f"{own.function} returned {what}, which is no network", INTERFACE, build)
    return NumpyNetwork(network, own, build)


def _laid_out(shape: Shape, own: Imported) -> Shape:
    first = own.layout == "channels_first" and len(shape) == 3
    return (shape[2], shape[0], shape[1]) if first else shape
