"""The program `nntrain`: all commands, none of which loads what it does not need."""

import os
import signal
import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from trainer_cli import __version__
from trainer_cli.cli import (
    check,
    check_activations,
    check_data,
    check_grad,
    check_loss,
    check_reg,
    config,
    crossval,
    data,
    diagnose,
    evaluate,
    explain,
    init,
    overfit,
    predict,
    report,
    selftest,
    sweep,
    train,
)

app = typer.Typer(
    name="nntrain",
    help="Trains neural networks in NumPy and, before that, tells you whether training can work.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

for module in (
    check,
    check_data,
    check_loss,
    check_reg,
    check_grad,
    check_activations,
    overfit,
    sweep,
    train,
    crossval,
    evaluate,
    predict,
    diagnose,
    report,
    explain,
    selftest,
    init,
    config,
    data,
):
    module.register(app)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"nntrain {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options of the program itself."""


def main() -> None:
    """Run the command line."""
    if hasattr(signal, "SIGPIPE"):  # a reader that has seen enough, such as head, ends us quietly
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal without λ shows \u03bb
            stream.reconfigure(errors="backslashreplace")
    # Looking for plugins of pydantic in everything that is installed takes a tenth of the start.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        app()
        sys.stdout.flush()
    except OSError as error:  # standard output cannot be written
        sys.stderr.write(f"standard output: {error.strerror}\n")
        os._exit(2)  # without another try to flush it
