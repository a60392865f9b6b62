"""Measures how long `nntrain --help` keeps a user waiting, against a one-command Typer program.

Usage: python benchmarks/startup.py [--rounds 21]

Whole processes, interleaved; both programs are launched the way pip's console scripts do it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from _measure import Turn, interleaved, mode, process, ratio, table, verdict

LAUNCHER = "import sys\nfrom {module} import main\nsys.exit(main())\n"
ONE_COMMAND = '''"""The smallest program to compare with."""

import typer

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def greet(name: str = "world") -> None:
    """Greet somebody."""
    typer.echo(f"hello {name}")


def main() -> None:
    app()
'''


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=21)
    given = parser.parse_args()
    with TemporaryDirectory() as name:
        seconds = measured(Path(name), given.rounds)
    print(mode(["typer", "rich"]))
    one = seconds["one command --help"]
    rows = [
        (name, f"{median(s) * 1000:.0f}", f"{ratio(s, one):.2f}") for name, s in seconds.items()
    ]
    print(table(("", "ms", "over one command"), rows))
    print(verdict("nntrain --help over one command", ratio(seconds["nntrain --help"], one), 1.25))


def measured(folder: Path, rounds: int) -> dict[str, list[float]]:
    """Return the seconds of each program in each of the rounds; `folder` takes their files."""
    # A module of its own, so that both programs are compiled once and not at every start.
    (folder / "one_command.py").write_text(ONE_COMMAND, encoding="utf-8")

    def turn(module: str, *arguments: str) -> Turn:
        script = folder / f"{module.partition('.')[0]}_script.py"
        script.write_text(LAUNCHER.format(module=module), encoding="utf-8")
        command = [sys.executable, str(script), *arguments]
        return lambda: process(command, folder)

    contenders = {
        "nntrain --help": turn("trainer_cli.cli.app", "--help"),
        "nntrain --version": turn("trainer_cli.cli.app", "--version"),
        "one command --help": turn("one_command", "--help"),
    }
    return interleaved(contenders, rounds, warm_up=2)


if __name__ == "__main__":
    main()
