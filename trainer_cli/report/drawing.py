"""Lets matplotlib draw alike on every machine, and quietly."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

HARMLESS = ("Glyph", "constrained_layout not applied")


@contextmanager
def drawing(settings: Any) -> Iterator[None]:
    """Draw with these settings of matplotlib, a mapping; raises ImportError where it is missing.

    matplotlib would tell that it builds a cache of fonts, or where, of letters that its font lacks
    and of names that leave a panel no room. Commands of a notebook inherit the backend of its own,
    which need not be installed here.
    """
    logger, inherited = logging.getLogger("matplotlib"), os.environ.get("MPLBACKEND")
    level = logger.level
    logger.setLevel(logging.ERROR)
    os.environ["MPLBACKEND"] = "agg"
    try:
        import matplotlib

        with warnings.catch_warnings(), matplotlib.rc_context():
            for harmless in HARMLESS:
                warnings.filterwarnings("ignore", message=harmless)
            matplotlib.rcdefaults()  # whatever the user's own settings are
            matplotlib.rcParams.update(settings)
            yield
    finally:
        logger.setLevel(level)
        del os.environ["MPLBACKEND"]
        if inherited is not None:
            os.environ["MPLBACKEND"] = inherited
