"""Whatever is done to an experiment file, it loads or there are problems, in order, with places."""

import random
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.config.test_dump import CONFIGS, FULL
from trainer_cli.config.document import split_lines
from trainer_cli.config.load import load
from trainer_cli.config.problems import ExperimentError
from trainer_cli.report.problems import problem_record, problems_text

TEXTS = [FULL, *(file.read_text() for file in CONFIGS)]
PIECES = [
    *" \n\t:,-[]{}&*!|>'\"%@`#?~.\\\0é日",
    "null", "true", "1e3", "-5", "type", "&a ", "*a", "<<: ", "? ", "--- ", "sgd", "dense", ": ",
    "\n  ", "[]", "{}", "0x1F", "1_0", ".inf", "!!int ", "%YAML 1.1\n", "\\U00110000", "data",
    "units",
]  # fmt: skip
SETTINGS = settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def mutated(text: str, seed: int, times: int) -> str:
    """Return the text with pieces removed, inserted and repeated at random places."""
    rng = random.Random(seed)
    for _ in range(times):
        start = rng.randrange(len(text) + 1)
        end = min(len(text), start + rng.choice([0, 0, 1, 1, 5, 30]))
        piece = rng.choice([*PIECES, "", "", text[start:end] * 2])
        text = text[:start] + piece + text[end:]
    return text


def check(file: Path, text: str, overrides: list[str]) -> None:
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        load(file, overrides)
    except ExperimentError as error:
        problems = error.problems
    else:
        return
    assert problems
    places = [(problem.order, problem.line or 0, problem.column or 0) for problem in problems]
    assert places == sorted(places)
    sources = [text, *overrides]
    for problem in problems:
        problem_record(problem)
        if problem.column is not None:
            lines = split_lines(sources[problem.order].removeprefix("\ufeff"))
            assert problem.source_line in lines
            assert problem.source_line is not None
            assert 1 <= problem.column <= len(problem.source_line) + 1
            assert problem.width >= 1
    problems_text(problems).encode()


@given(st.sampled_from(TEXTS), st.integers(0, 2**32), st.integers(1, 8))
@SETTINGS
def test_mutated_files(tmp_path: Path, text: str, seed: int, times: int) -> None:
    check(tmp_path / "experiment.yaml", mutated(text, seed, times), [])


@given(st.text())
@example('a: "\\U00110000"')
@example("%YAML 1.99999999999999999999999\n---\na: b")
@example("%YAML " + "1" * 5000 + ".2\n---\na: b")
@example("? a\n? b\n")
@example("&a &b c: d")
@example("{a: b}}")
@SETTINGS
def test_any_text(tmp_path: Path, text: str) -> None:
    check(tmp_path / "experiment.yaml", text, [])


@given(st.text(alphabet=st.sampled_from("abcdeunits.[]0123=:{}, \n'\"&*-~\t"), max_size=40))
@example("network[0")
@example("0\n=:")
@example("a=\udce9")
@example("network[99999999999999999999].x=1")
@example("data.source.x=1")
@example("network.0.type.x=1")
@example("sweep.space=1")
@example("sweep.space.a=1")
@example("sweep=~")
@example("data=~")
@example("a" * 100 + "=\n\n\n@")
@SETTINGS
def test_any_override(tmp_path: Path, override: str) -> None:
    check(tmp_path / "experiment.yaml", FULL, [override])


@given(
    st.sampled_from(["network.0.units", "data.split", "optimizer", "sweep.space.seed", "seed.x"]),
    st.text(),
)
@SETTINGS
def test_any_value_of_an_override(tmp_path: Path, path: str, value: str) -> None:
    check(tmp_path / "experiment.yaml", FULL, [f"{path}={value}"])
