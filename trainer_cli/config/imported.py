"""Reads `network: {import: "my_file.py:build"}`: a network of one's own, in place of the layers."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from trainer_cli.config.at import FAILED, At
from trainer_cli.config.nodes import MapNode, Node, ScalarNode
from trainer_cli.config.parts import Setting
from trainer_cli.config.read import read_setting
from trainer_cli.config.spelling import received, suggestion

Layout = Literal["channels_last", "channels_first"]

LAYOUTS: tuple[str, ...] = get_args(Layout)
FORM = 'write it like {import: "my_file.py:build"} or {import: "package.module:build"}'
# What the schema and the reference say about it.
MEANING = (
    'a network of one\'s own, {import: "my_file.py:build"}: the function that builds it, '
    "for nntrain check alone"
)
LAYOUT_MEANING = "order of an image's axes in what the network is given"


@dataclass(frozen=True, kw_only=True)
class Imported:
    """A function that builds a network, as the file names it, and where it is looked for.

    text      how the file writes it: "my_file.py:build" or "package.module:build"
    place     the file or the module, the part before the colon
    function  the part after it
    folder    the folder that relative paths start from: that of the experiment file
    layout    whether images are (H, W, C), as everywhere in nntrain, or (C, H, W)
    """

    text: str
    place: str
    function: str
    folder: Path
    layout: str = "channels_last"

    @property
    def file(self) -> Path | None:
        """The file, or None for a module."""
        return self.folder / Path(self.place).expanduser() if self.place.endswith(".py") else None


def read_network(setting: Setting, node: Node, at: At) -> Any:
    """Return the layers of the `network:` section; none of them where it names a function."""
    if not is_imported(node):
        return read_setting(setting, node, at)
    return FAILED if _read(node, at) is None else ()


def imported_by(root: MapNode) -> Imported | None:
    """Return the function that a sound experiment file names in place of layers, if it does."""
    entry = root.entries.get("network")
    if entry is None or not is_imported(entry.value):
        return None
    return _read(entry.value, At(("network",), []))


def is_imported(node: Node) -> bool:
    """Whether the section names a function instead of layers."""
    return isinstance(node, MapNode) and "import" in node.entries


def _read(node: Node, at: At) -> Imported | None:
    assert isinstance(node, MapNode)
    sound, layout = True, LAYOUTS[0]
    for name, entry in node.entries.items():
        below, value = at.down(name), entry.value
        if name not in ("import", "layout"):
            below.report(entry.key, "unknown key", suggestion(name, ("import", "layout"), "keys"))
            sound = False
        elif name == "layout":
            layout = str(value.value) if isinstance(value, ScalarNode) else ""
            if layout not in LAYOUTS:
                message = f"must be one of {', '.join(LAYOUTS)}, got {received(value)}"
                below.report(value.span, message, f"layout is the {LAYOUT_MEANING}")
                sound = False
    value, below = node.entries["import"].value, at.down("import")
    text = value.value if isinstance(value, ScalarNode) else None
    if not isinstance(text, str):
        below.report(value.span, f"must be text, got {received(value)}", FORM)
        return None
    place, _, function = text.rpartition(":")
    named = place if place.endswith(".py") else place.replace(".", "")
    if not function.isidentifier() or not (named if named is place else named.isidentifier()):
        message = f"must name a file or a module and a function in it, got {received(value)}"
        below.report(value.span, message, FORM)
        return None
    if not sound:
        return None
    folder = value.span.source.folder
    return Imported(text=text, place=place, function=function, folder=folder, layout=layout)
