"""Every complaint that PyYAML can make is said in plain words."""

import ast
import inspect

import pytest
import yaml.parser
import yaml.scanner
from yaml.error import Mark, MarkedYAMLError

from trainer_cli.config.syntax import syntax_fault

# PyYAML raises this with the text of another error, for a tag in a broken encoding.
NOT_LITERAL = 1


def complaints() -> list[str]:
    """Return what PyYAML's scanner and parser say, read off their source."""
    found = []
    for module in (yaml.scanner, yaml.parser):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                problem = node.exc.args[2]
                template = problem.left if isinstance(problem, ast.BinOp) else problem
                found.append(str(template.value) if isinstance(template, ast.Constant) else "")
    return found


def test_complaints_are_found() -> None:
    assert len(complaints()) >= 35
    assert complaints().count("") == NOT_LITERAL


@pytest.mark.parametrize("words", sorted({each for each in complaints() if each}))
def test_every_complaint_is_translated(words: str) -> None:
    filled = words.replace("%r", "'x'").replace("%d", "4")
    mark = Mark("name", 0, 4, 2, None, 0)
    fault = syntax_fault(MarkedYAMLError("while scanning", mark, filled, mark))
    assert (fault.line, fault.column) == (4, 2)
    assert fault.message != f"this is not YAML: {filled}"
    assert "{" not in fault.message.replace("'{'", "")
    assert "\n" not in fault.message


def test_unknown_complaints_are_passed_on() -> None:
    error = MarkedYAMLError("while scanning", None, "something\n  new", None)
    fault = syntax_fault(error)
    assert fault.message == "this is not YAML: something new"
    assert (fault.line, fault.column, fault.hint) == (0, 0, None)
