"""`nntrain init`: a commented experiment file to start from."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("init")(init)


def init(
    path: Annotated[Path, typer.Argument(help="File to write; never overwritten.")] = Path(
        "nntrain.yaml"
    ),
) -> None:
    """Write a commented experiment file: the built-in digits, ready to run and to change."""
    from trainer_cli.datasets import shipped

    text = shipped("digits.yaml").read_text(encoding="utf-8")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        typer.echo(f"{path} exists already, and init never overwrites a file", err=True)
        raise typer.Exit(2) from None
    except OSError as error:
        typer.echo(f"{path}: {error.strerror}", err=True)
        raise typer.Exit(2) from None
    typer.echo(f"wrote {path}; next: nntrain check-loss {shlex.quote(str(path))}")
