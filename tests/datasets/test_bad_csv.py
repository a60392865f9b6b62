"""Whatever is wrong with a CSV file is named with its line and its column."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer_cli.datasets import DataError
from trainer_cli.datasets.sources import Csv

WHOLE_NUMBERS = "labels are the whole numbers 0..C-1, or names"

UNLABELED = (
    "labels are the whole numbers 0..C-1: leave out examples that -1 marks as unlabeled, or write "
    "0 for -1 where labels are -1 and 1"
)

CASES = {
    "empty": ("", ": is empty", None),
    "only a header": ("a,b,kind\n", ": has a header but no rows", None),
    "ragged": ("a,kind\n1,x\n2\n", ":3: row has 1 cells, but the table has 2 columns", None),
    "too long": ("a,kind\n1,x,5\n", ":2: row has 3 cells, but the table has 2 columns", None),
    "twice": ("a,a,kind\n1,2,x\n", ":1: has two columns named 'a'", None),
    "no features": (
        "kind\nx\ny\n",
        ":1: has a single column, but a label and at least one feature are needed",
        "set delimiter if the cells are not separated by what it says",
    ),
    "text": (
        "a,kind\n1,x\ntall,y\n",
        ":3: column 'a': 'tall' is not a number",
        "features must be numbers; give each category a column of 0 and 1",
    ),
    "Python's digits": (
        "a,kind\n1_000,x\n",
        ":2: column 'a': '1_000' is not a number",
        "features must be numbers; give each category a column of 0 and 1",
    ),
    "no value": ("a,b,kind\n1,2,x\n3, ,y\n", ":3: column 'b': the value is missing", None),
    "nan": ("a,kind\n1,x\nnan,y\n", ":3: column 'a': 'nan' is not a finite number", None),
    "infinite": ("a,kind\n-1e999,x\n", ":2: column 'a': '-1e999' is not a finite number", None),
    "no label": ("a,kind\n1,x\n2,\n", ":3: column 'kind': the label is missing", None),
    "after a quoted line break": (
        'a,kind\n"1",x\n3,"two\nlines"\nz,x\n',
        ":5: column 'a': 'z' is not a number",
        "features must be numbers; give each category a column of 0 and 1",
    ),
    "quotes": ('a,kind\n1,x\n"2"2,y\n', ":3: is not CSV: ',' expected after '\"'", None),
    "negative label": ("a,kind\n1,1\n2,-1\n", ":3: label -1 is outside 0..1", UNLABELED),
    "label far below": (
        "a,kind\n1,1\n2,-7\n",
        ":3: label -7 is outside 0..1",
        "labels are the whole numbers 0..C-1",
    ),
    "decimal comma": (
        'a,kind\n"-3,14",x\n',
        ":2: column 'a': '-3,14' is not a number",
        "write a decimal point: -3.14",
    ),
    "fraction": (
        "a,kind\n1,1\n2,0.5\n",
        ":3: label '0.5' is a number, but not a whole one",
        WHOLE_NUMBERS,
    ),
    "identifiers": (
        "a,kind\n1,0\n2,70000\n",
        ": the largest label is 70,000, which makes 70,001 classes, but there are only 2 examples",
        "labels are the whole numbers 0..C-1; set classes if there really are so many",
    ),
    "one class": (
        "a,kind\n1,x\n2,x\n",
        ": has 1 class, but at least 2 are needed to tell apart",
        None,
    ),
    "texts": (
        "a,kind\n1,x\n2,y\n3,z\n4,u\n",
        ": has 4 different labels in column 'kind' for 4 examples, so it cannot hold classes",
        None,
    ),
    "too large": (
        "a,kind\n1,x\n1e39,y\n",
        ": value 0 of example 1 is 1e+39, outside the range of float32",
        None,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_named(tmp_path, refused, case):
    text, message, hint = CASES[case]
    path = tmp_path / "people.csv"
    path.write_text(text, newline="")
    error = refused(Csv(path=path, label="kind").read)
    assert str(error) == f"{path}{message}"
    assert error.hint == hint


def test_a_missing_column_with_the_nearest_name(tmp_path, refused):
    path = tmp_path / "d.csv"
    path.write_text("weight,kind\n1,x\n")
    error = refused(Csv(path=path, label="kinds").read)
    assert str(error) == f"{path}: has no column 'kinds'; it has 'weight', 'kind'"
    assert error.hint == "did you mean 'kind'?"
    assert error.key == ("data", "label")
    error = refused(Csv(path=path, label=2).read)
    assert str(error) == f"{path}: has 2 columns, so there is no column 2"
    assert error.key == ("data", "label")


def test_a_number_of_classes_that_is_wrong(tmp_path, refused):
    path = tmp_path / "d.csv"
    path.write_text("a,kind\n1,x\n2,y\n")
    error = refused(Csv(path=path, label="kind", classes=3).read)
    assert str(error) == f"{path}: has 2 classes in column 'kind', but classes is 3"
    assert error.key == ("data", "classes")
    path.write_text("a,kind\n1,0\n2,2\n")
    error = refused(Csv(path=path, label="kind", classes=2).read)
    assert str(error) == f"{path}:3: label 2 is outside 0..1"


def test_files_that_cannot_be_read_as_text(tmp_path, refused):
    path = tmp_path / "d.csv"
    error = refused(Csv(path=path, label="kind").read)
    assert str(error) == f"{path}: no such file"
    assert error.key == ("data", "path")
    assert str(refused(Csv(path=path, label="kind").size)) == f"{path}: no such file"
    assert (
        str(refused(Csv(path=tmp_path, label=0).read))
        == f"{tmp_path}: cannot be read: is a directory"
    )
    path.write_bytes(b"a,kind\n1,caf\xe9\n")
    error = refused(Csv(path=path, label="kind").read)
    assert str(error) == f"{path}:2: byte 0xe9 is not UTF-8 text"
    assert error.hint == "save the file with the encoding UTF-8"


@pytest.mark.parametrize("delimiter", ["", ",,", '"', "\n"])
def test_a_delimiter_is_one_character(tmp_path, delimiter):
    with pytest.raises(ValueError, match="delimiter") as caught:
        Csv(path=tmp_path, label=0, delimiter=delimiter)
    assert str(caught.value) == (
        f"delimiter must be one character, neither a quote nor a line break, got {delimiter!r}"
    )


def test_a_name_needs_a_header(tmp_path):
    with pytest.raises(ValueError, match="header") as caught:
        Csv(path=tmp_path, label="kind", header=False)
    assert str(caught.value) == (
        "label 'kind' is the name of a column, but header is false; give its index instead"
    )


@settings(max_examples=200, deadline=None)
@given(raw=st.binary(max_size=40) | st.text('a1,;"\n\r\0.-e_ ', max_size=40).map(str.encode))
def test_any_bytes_only_ever_give_a_data_error(raw, tmp_path_factory):
    path = tmp_path_factory.mktemp("any") / "d.csv"
    path.write_bytes(raw)
    for source in (Csv(path=path, label=0), Csv(path=path, label=-1, header=False)):
        for action in (source.read, source.size):
            with suppress(DataError):
                action()
