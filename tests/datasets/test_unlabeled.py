"""Examples without labels are read in the shape of the training data, or refused with the place."""

import numpy as np
import pytest

from trainer_cli.datasets import DataError
from trainer_cli.datasets.sources import Csv, Digits, Synthetic
from trainer_cli.datasets.unlabeled import Unlabeled

IMAGES = Unlabeled(shape=(4, 3, 1), feature_names=None, source=Digits())
COLORS = Unlabeled(shape=(4, 3, 3), feature_names=None, source=Digits())
FLAT = Unlabeled(shape=(2,), feature_names=None, source=Synthetic())
PLAIN = "features must be numbers; give each category a column of 0 and 1"


def named(label, path="people.csv", **settings):
    source = Csv(path=path, label=label, **settings)
    return Unlabeled(shape=(2,), feature_names=("a", "b"), source=source)


@pytest.mark.parametrize("dtype", ["u1", "<f4", ">f4", "f8", ">i2"])
def test_arrays_keep_their_numbers(tmp_path, dtype):
    x = np.arange(24).reshape(2, 4, 3, 1).astype(dtype)
    np.savez(tmp_path / "x.npz", X=x, y=np.array(["a", "b"]))
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "plain.npy", x[..., 0])
    np.save(tmp_path / "columns.npy", np.asfortranarray(x))
    for name in ("x.npz", "x.npy", "plain.npy", "columns.npy"):
        found = IMAGES.read(tmp_path / name)
        assert found.tolist() == x.reshape(2, 12).tolist()
        assert found.dtype == np.dtype(dtype).newbyteorder("=")


def test_rows_of_a_csv_file(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("1,2\n3,4.5\n")
    assert FLAT.read(path).tolist() == [[1.0, 2.0], [3.0, 4.5]]
    path.write_text("width,height\n1,2\n")
    assert FLAT.read(path).tolist() == [[1.0, 2.0]]
    path.write_text(",".join(map(str, range(12))) + "\n")
    assert IMAGES.read(path).shape == (1, 12)


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("kind", "a,b\n1,2\n"),
        ("kind", "a,b,kind\n1,2,x\n"),
        ("kind", "kind,b,a\n,2,1\n"),
        ("kind", "\ufeffb , a\n2,1\n"),
        (-1, "a,b,kind\n1,2,x\n"),
        (0, "kind,a,b\n,1,2\n"),
        (0, "b,a\n2,1\n"),
    ],
)
def test_columns_are_found_by_their_names_and_a_label_is_ignored(label, text, tmp_path):
    (tmp_path / "x.csv").write_text(text, encoding="utf-8")
    assert named(label).read(tmp_path / "x.csv").tolist() == [[1.0, 2.0]]


@pytest.mark.parametrize(("label", "text"), [(-1, "1;2\n"), (-1, "1;2;x\n"), (1, "1;x;2\n")])
def test_columns_without_names(label, text, tmp_path):
    (tmp_path / "x.csv").write_text(text)
    source = Csv(path="people.csv", label=label, header=False, delimiter=";")
    form = Unlabeled(shape=(2,), feature_names=None, source=source)
    assert form.read(tmp_path / "x.csv").tolist() == [[1.0, 2.0]]


CSV_CASES = {
    "missing": ("a\n1\n", ":1: has no column 'b', which the network was trained with"),
    "unknown": ("a,b,c\n1,2,3\n", ":1: has a column 'c', which the network was not trained with"),
    "twice": ("a,b,b\n1,2,3\n", ":1: has two columns named 'b'"),
    "short": ("a,b\n1,2\n\n3\n", ":4: row has 1 cells, but the table has 2 columns"),
    "text": ("b,a\nx,1\n", f":2: column 'b': 'x' is not a number|{PLAIN}"),
    "nan": ("a,b\n1,nan\n", ":2: column 'b': 'nan' is not a finite number"),
    "large": (
        "a,b\n1,2\n1e200,1\n",
        ": value 0 of example 1 is 1e+200, outside the range of float32",
    ),
    "empty": ("", ": is empty"),
    "only a header": ("a,b\n", ": has a header but no rows"),
}


@pytest.mark.parametrize(("text", "expected"), CSV_CASES.values(), ids=CSV_CASES)
def test_a_bad_csv_file(text, expected, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(text)
    message, _, hint = expected.partition("|")
    with pytest.raises(DataError) as caught:
        named("kind").read(path)
    assert str(caught.value) == f"{path}{message}"
    assert caught.value.hint == (hint or None)


def test_a_table_of_another_width(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("1,2,3\n")
    with pytest.raises(DataError) as caught:
        FLAT.read(path)
    assert str(caught.value) == f"{path}:1: has 3 columns, but the network takes 2 features"


ARRAY_CASES = {
    "flat": (
        IMAGES,
        np.zeros((5, 12)),
        "has the shape (5, 12), but the network takes (N, 4, 3, 1)",
    ),
    "no colors": (
        COLORS,
        np.zeros((5, 4, 3)),
        "has the shape (5, 4, 3), but the network takes (N, 4, 3, 3)",
    ),
    "one": (
        IMAGES,
        np.zeros((4, 3)),
        "has the shape (4, 3), but the network takes (N, 4, 3, 1)"
        "|a single example needs an axis in front: x[None]",
    ),
    "number": (FLAT, np.zeros(()), "has the shape (), but the network takes (N, 2)"),
    "inf": (
        FLAT,
        np.array([[0, 1], [2, np.inf]]),
        "value 1 of example 1 is inf, not a finite number",
    ),
    "large": (
        FLAT,
        np.array([[1e39, 0]]),
        "value 0 of example 0 is 1e+39, outside the range of float32",
    ),
}


@pytest.mark.parametrize(("form", "x", "expected"), ARRAY_CASES.values(), ids=ARRAY_CASES)
def test_an_array_that_does_not_suit(form, x, expected, tmp_path):
    message, _, hint = expected.partition("|")
    np.save(tmp_path / "x.npy", x)
    np.savez(tmp_path / "x.npz", X=x)
    for name, where in (("x.npy", "x.npy"), ("x.npz", "x.npz: X")):
        with pytest.raises(DataError) as caught:
            form.read(tmp_path / name)
        assert str(caught.value) == f"{tmp_path / where}: {message}"
        assert caught.value.hint == (hint or None)


def test_an_array_without_examples(tmp_path):
    np.savez(tmp_path / "x.npz", X=np.zeros((0, 2)))
    with pytest.raises(DataError) as caught:
        FLAT.read(tmp_path / "x.npz")
    assert str(caught.value) == f"{tmp_path / 'x.npz'}: X: has no examples"
    np.save(tmp_path / "x.npy", np.zeros((0, 2)))
    with pytest.raises(DataError) as caught:
        FLAT.read(tmp_path / "x.npy")
    assert str(caught.value) == f"{tmp_path / 'x.npy'}: has no examples"


def test_an_archive_without_inputs(tmp_path):
    np.savez(tmp_path / "x.npz", images=np.zeros((1, 2)))
    with pytest.raises(DataError) as caught:
        FLAT.read(tmp_path / "x.npz")
    assert str(caught.value) == f"{tmp_path / 'x.npz'}: has no array 'X'; it has 'images'"


@pytest.mark.parametrize("x", [np.array([{}]), np.array(["a"]), np.array([1j])])
def test_an_array_of_something_else(x, tmp_path):
    np.save(tmp_path / "x.npy", x, allow_pickle=True)
    with pytest.raises(DataError) as caught:
        FLAT.read(tmp_path / "x.npy")
    assert str(caught.value).startswith(f"{tmp_path / 'x.npy'}: is no array of numbers")


def test_a_damaged_array(tmp_path):
    path = tmp_path / "x.npy"
    np.save(path, np.zeros((100, 2)))
    whole = path.read_bytes()
    for length in (0, 5, 60, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(DataError) as caught:
            FLAT.read(path)
        assert str(caught.value).startswith(f"{path}: is no array of numbers, or damaged: ")


def test_other_kinds_of_files_are_refused(tmp_path):
    with pytest.raises(DataError) as caught:
        IMAGES.read(tmp_path / "digits.png")
    assert (
        str(caught.value) == f"{tmp_path / 'digits.png'}: is none of the files that predict reads"
    )
    assert caught.value.hint == (
        "give arrays of the shape (N, 4, 3, 1) as .npy, or as X in an .npz file, or a .csv file "
        "with a row for each example"
    )


@pytest.mark.parametrize("name", ["x.npy", "x.npz", "x.csv"])
def test_a_file_that_is_not_there(name, tmp_path):
    with pytest.raises(DataError) as caught:
        FLAT.read(tmp_path / name)
    assert str(caught.value) == f"{tmp_path / name}: no such file"
    (tmp_path / name).mkdir()
    with pytest.raises(DataError):
        FLAT.read(tmp_path / name)
