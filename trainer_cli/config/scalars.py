"""Reads single values by the core schema of YAML 1.2, which PyYAML, made for 1.1, does not."""

import re

# YAML 1.2.2, section 10.3.2.
NULL = re.compile(r"null|Null|NULL|~|")
TRUE = re.compile(r"true|True|TRUE")
FALSE = re.compile(r"false|False|FALSE")
WHOLE = re.compile(r"[-+]?[0-9]+")
OCTAL = re.compile(r"0o[0-7]+")
HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
INFINITE = re.compile(r"([-+]?)(\.inf|\.Inf|\.INF)")
NOT_A_NUMBER = re.compile(r"\.nan|\.NaN|\.NAN")

# More digits than any setting needs; Python refuses to read whole numbers of over 4,300.
MOST_DIGITS = 1000

Value = bool | int | float | str | None


def resolve(text: str) -> Value:
    """Return what an unquoted scalar stands for.

    1e-3 and .5 are numbers, 0x1F and 0o17 too; true and false alone are booleans; yes, no, on,
    off, 1_000, 12:30:45 and 2024-01-01 are text.
    """
    if NULL.fullmatch(text):
        return None
    if TRUE.fullmatch(text):
        return True
    if FALSE.fullmatch(text):
        return False
    return _number(text)


def _number(text: str) -> int | float | str:
    if len(text) > MOST_DIGITS:
        return text
    if WHOLE.fullmatch(text):
        return int(text)
    if OCTAL.fullmatch(text):
        return int(text, 8)
    if HEXADECIMAL.fullmatch(text):
        return int(text, 16)
    if FLOAT.fullmatch(text):
        return float(text)
    if infinite := INFINITE.fullmatch(text):
        return float(infinite[1] + "inf")
    if NOT_A_NUMBER.fullmatch(text):
        return float("nan")
    return text
