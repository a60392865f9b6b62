"""Single values are read by the core schema of YAML 1.2, and by nothing else."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer_cli.config.scalars import resolve

TABLE = {
    # null
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "nULL": "nULL", "none": "none", "None": "None",
    # booleans
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    "tRUE": "tRUE", "yes": "yes", "Yes": "Yes", "no": "no", "NO": "NO", "on": "on", "off": "off",
    "y": "y", "n": "n",
    # whole numbers
    "0": 0, "1": 1, "-5": -5, "+5": 5, "007": 7, "0777": 777, "0x1F": 31, "0xff": 255, "0o17": 15,
    "-0": 0, "0b101": "0b101", "0o18": "0o18", "0x": "0x", "0X1F": "0X1F", "-0x1F": "-0x1F",
    "1_000": "1_000", "1,000": "1,000", "12:30:45": "12:30:45", "1:30": "1:30", "٣": "٣",
    "1 000": "1 000", "--5": "--5", "+": "+", "-": "-",
    # numbers with a point or an exponent
    "1e-3": 1e-3, "1E5": 1e5, "1e+5": 1e5, "1e3": 1000.0, "1.": 1.0, "1.5": 1.5, ".5": 0.5,
    "-.5": -0.5, "+1.5e-3": 1.5e-3, "0.1": 0.1, "1.e3": 1000.0, "00.5": 0.5, "1e999": math.inf,
    ".": ".", "e5": "e5", "1e": "1e", "1e-3abc": "1e-3abc", "1.2.3": "1.2.3", "1e1.5": "1e1.5",
    ".e5": ".e5", "1_0.5": "1_0.5", "1 .5": "1 .5",
    # infinite
    ".inf": math.inf, "-.inf": -math.inf, "+.Inf": math.inf, ".INF": math.inf,
    "inf": "inf", "-inf": "-inf", ".iNF": ".iNF", "nan": "nan", "NaN": "NaN", ".Nan": ".Nan",
    # what YAML 1.1 takes for dates
    "2024-01-01": "2024-01-01", "2024-01-01 10:00:00": "2024-01-01 10:00:00",
    # text
    "relu": "relu", "=": "=", "<<": "<<", "0x1G": "0x1G", "1st": "1st",
}  # fmt: skip


def test_table_is_long() -> None:
    assert len(TABLE) >= 80


@pytest.mark.parametrize("text", TABLE)
def test_resolve(text: str) -> None:
    value = resolve(text)
    assert type(value) is type(TABLE[text])
    assert value == TABLE[text]


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_not_a_number(text: str) -> None:
    assert math.isnan(float(str(resolve(text)).replace(".", "")))


def test_endless_numbers_are_text() -> None:
    assert resolve("1" * 1001) == "1" * 1001
    assert resolve("1" * 1000) == int("1" * 1000)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_python_numbers_are_read_back(number: float) -> None:
    assert resolve(repr(number)) == number


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    resolve(text)
