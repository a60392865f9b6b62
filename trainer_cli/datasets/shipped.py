"""Finds the files that travel with the program, in a wheel and in a checkout alike."""

from pathlib import Path

from trainer_cli.datasets.errors import DataError

PACKAGE = Path(__file__).resolve().parent.parent
IN_CHECKOUT = {"digits.npz": "data", "digits.yaml": "configs"}


def shipped(name: str) -> Path:
    """Return the path of the shipped file `name`, "digits.npz" or "digits.yaml".

    A wheel carries both in `trainer_cli/shipped/`; in a checkout they lie in `data/` and
    `configs/`. Raises DataError when neither place has the file, KeyError for another name.
    """
    checkout = PACKAGE.parent / IN_CHECKOUT[name] / name
    for path in (PACKAGE / "shipped" / name, checkout):
        if path.is_file():
            return path
    raise DataError(
        "this part of the installation is missing",
        where=str(PACKAGE / "shipped" / name),
        hint="install nntrain again",
    )
