"""How problems look in a terminal and in JSON."""

from trainer_cli.config.problems import ExperimentError, Problem
from trainer_cli.report.problems import LINE_WIDTH, problem_record, problem_text, problems_text

UNITS = Problem(
    file="cifar.yaml",
    line=9,
    column=26,
    key="network[0].units",
    message="must be at least 1, got -5",
    hint="units is the number of outputs of the layer",
    source_line="  - {type: dense, units: -5}",
    width=2,
)


def test_text_of_the_design() -> None:
    assert problem_text(UNITS) == (
        "cifar.yaml:9:26: network[0].units: must be at least 1, got -5\n"
        "  |\n"
        "9 |   - {type: dense, units: -5}\n"
        "  |                          ^^\n"
        "hint: units is the number of outputs of the layer"
    )


def test_problems_are_counted() -> None:
    missing = Problem(file="x.yaml", message="no such file")
    assert problems_text([missing]) == "x.yaml: no such file\n\n1 problem"
    assert problems_text([missing] * 2).endswith("\n\n2 problems")
    many = problems_text([missing] * 1000)
    assert many.count("no such file") == 50
    assert many.endswith("\n\n1,000 problems, of which 50 are shown")


def test_record() -> None:
    assert problem_record(UNITS) == {
        "file": "cifar.yaml",
        "line": 9,
        "column": 26,
        "key": "network[0].units",
        "message": "must be at least 1, got -5",
        "hint": "units is the number of outputs of the layer",
    }
    assert problem_record(Problem(file="x.yaml", message="no such file")) == {
        "file": "x.yaml",
        "line": None,
        "column": None,
        "key": None,
        "message": "no such file",
        "hint": None,
    }


def caret_line(source_line: str, column: int, width: int = 1) -> str:
    problem = Problem(
        file="x", line=1, column=column, message="m", source_line=source_line, width=width
    )
    return problem_text(problem).splitlines()[-1]


def test_carets_stand_below_wide_characters_and_tabs() -> None:
    assert caret_line("日本: 1", 1, 2) == "  | ^^^^"
    assert caret_line("日本: 1", 5) == "  |       ^"
    assert caret_line("e\u0301: 1", 5) == "  |    ^"
    assert caret_line("\ta: 1", 5) == "  | \t   ^"
    assert caret_line("", 1) == "  | ^"


def test_long_lines_are_cut_around_the_caret() -> None:
    for column in (1, 50, 99, 150, 299, 300):
        line = "x" * (column - 1) + "!" + "x" * (300 - column)
        problem = Problem(file="f", line=1, column=column, message="m", source_line=line, width=900)
        shown, carets = problem_text(problem).splitlines()[-2:]
        assert len(shown) <= LINE_WIDTH + 6
        assert shown[carets.index("^")] == "!"
        assert len(carets) <= len(shown)


def test_order_of_an_error() -> None:
    def at(order: int, line: int | None, column: int) -> Problem:
        return Problem(file="f", line=line, column=column, message="m", order=order)

    ordered = [at(0, 1, 9), at(0, 2, 1), at(0, 2, 3), at(0, 10, 1), at(1, None, 4), at(2, None, 1)]
    assert list(ExperimentError(reversed(ordered)).problems) == ordered
