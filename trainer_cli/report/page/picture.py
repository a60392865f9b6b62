"""One picture of a page: a figure with its words, drawn for the page and as a file beside it."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from trainer_cli.report.page.markup import Markup, tag
from trainer_cli.report.page.vector import inline_svg
from trainer_cli.training.runs import write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DOTS_PER_INCH = 200
INSTALL = "pip install 'nntrain[plots]'"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A figure; `name` is that of its file, `description` what it shows to who cannot see it."""

    name: str
    title: str
    description: str
    figure: Figure
    remark: str | None = None

    def element(self, prefix: str = "") -> Markup:
        """Return the picture as a part of a page where no other has this prefix and name."""
        drawn = inline_svg(self.figure, f"{prefix}{self.name}", self.title, self.description)
        said = None if self.remark is None else tag("p", self.remark, class_="remark")
        return tag("figure", tag("figcaption", self.title), drawn, said)

    def save(self, folder: Path) -> str:
        """Write the picture as a PNG file with its title on it, and return the file's name."""
        path = folder / f"{self.name}.png"
        self.figure.suptitle(self.title, x=0.01, ha="left", fontweight="bold")
        written = BytesIO()
        self.figure.savefig(written, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
        write_whole(path, written.getvalue())
        return path.name
