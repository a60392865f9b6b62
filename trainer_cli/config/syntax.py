"""Says in plain words what PyYAML finds wrong with the form of a text."""

import re
from dataclasses import dataclass

from yaml.error import MarkedYAMLError

QUOTE = "put the text in quotes"
INDENT = "give every key of one section, and every item of one list, the same indentation"
DIRECTIVE = "remove the line that begins with %"

BEGIN = "end of stream|document separator|could not find expected ':'"

# PyYAML's words, as a pattern; ours; what to do about it. {0} is the first group of the pattern and
# {opened} the line that the unfinished thing began on. The first pattern that fits is used.
Wording = tuple[str, str, str | None]
WORDINGS: tuple[Wording, ...] = (
    (
        r"found character '\\t' that cannot start any token",
        "a tab cannot indent or separate",
        "use spaces",
    ),
    (r"found character '(.)' that cannot start any token", "text cannot begin with {0}", QUOTE),
    (
        r"could not find expected ':'",
        "this is no key: there is no ':' after it",
        "write key: value",
    ),
    (
        r"mapping values are not allowed here",
        "a second ':' on one line, or a key that is indented too far",
        "put text with ': ' in quotes, and every key on a line of its own",
    ),
    (
        r"sequence entries are not allowed here",
        "a list item cannot begin here",
        "put '- ' on a line of its own",
    ),
    (
        r"mapping keys are not allowed here",
        "a key cannot begin here",
        "put every key on a line of its own",
    ),
    (
        r"expected <block end>, but found '(?:-|<block sequence start>)'",
        "this list item does not belong to what stands above it",
        INDENT,
    ),
    (
        r"expected <block end>, but found",
        "this does not belong to what stands above it",
        INDENT,
    ),
    (
        r"expected ',' or '(.)', but got '<stream end>'",
        "the bracket opened on line {opened} is never closed: {0} is missing",
        None,
    ),
    (
        r"expected ',' or '(.)', but got",
        "a comma or {0} is missing before this, after the bracket opened on line {opened}",
        None,
    ),
    (
        r"found unexpected end of stream",
        "the quote opened on line {opened} is never closed",
        None,
    ),
    (
        r"found unexpected document separator",
        "the quote opened on line {opened} is never closed",
        None,
    ),
    (
        r"found unknown escape character '(.+)'",
        "double quotes know no escape \\{0}",
        "use single quotes, or write \\\\ for a backslash",
    ),
    (
        r"expected escape sequence of (\d) hexadecimal numbers",
        "this escape needs {0} hexadecimal digits",
        "use single quotes, or write \\\\ for a backslash",
    ),
    (
        r"expected the node content, but found '<stream end>'",
        "the text ends inside a bracket that is never closed",
        None,
    ),
    (
        r"expected the node content, but found",
        "a value is missing here",
        None,
    ),
    (
        r"expected '<document start>', but found",
        "this does not belong to what stands above it",
        INDENT,
    ),
    (
        r"expected alphabetic or numeric character, but found",
        "a name is missing after the sign that this begins with",
        QUOTE,
    ),
    (
        r"expected indentation indicator in the range 1-9, but found 0",
        "the indentation of a text cannot be 0",
        None,
    ),
    (
        r"expected chomping or indentation indicators, but found",
        "nothing but +, - or a number from 1 to 9 can follow | or >",
        QUOTE,
    ),
    (
        r"expected a comment or a line break, but found",
        "the line must end here",
        None,
    ),
    (r"found incompatible YAML document", "this is YAML of another version", DIRECTIVE),
    (r"found duplicate YAML directive", "the YAML version is given twice", DIRECTIVE),
    (r"expected a digit( or '.')?, but found", "a version number is missing", DIRECTIVE),
    (r"expected ' ', but found", "a space is missing here", None),
    (
        r"(found undefined|duplicate) tag handle|expected '!'|expected '>'|expected URI",
        "tags (!) are not used in experiment files",
        "remove the tag",
    ),
)


@dataclass(frozen=True)
class SyntaxFault:
    """What is wrong with a text, at a line and column counted from 0."""

    line: int
    column: int
    message: str
    hint: str | None


def syntax_fault(error: MarkedYAMLError) -> SyntaxFault:
    """Return PyYAML's error in plain words; words unknown here are passed on, on one line."""
    words = str(error.problem)
    mark = error.problem_mark or error.context_mark
    began = error.context_mark or mark
    # What is never ended is to be looked at where it begins, not where PyYAML gives up.
    at = began if re.search(BEGIN, words) else mark
    line, column = (at.line, at.column) if at else (0, 0)
    opened = began.line + 1 if began else 1
    for pattern, message, hint in WORDINGS:
        if found := re.match(pattern, words):
            text = message.format(*found.groups(), opened=opened)
            return SyntaxFault(line, column, text, hint)
    return SyntaxFault(line, column, f"this is not YAML: {' '.join(words.split())}", None)
