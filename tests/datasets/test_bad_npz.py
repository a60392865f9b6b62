"""An .npz file can claim anything: each lie is named before memory is spent on it."""

import io
import zipfile
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer_cli.datasets import DataError
from trainer_cli.datasets.sources import Npz

X = np.arange(12.0).reshape(4, 3)
Y = np.array([0, 1, 0, 1])


def saved(folder, **arrays):
    path = folder / "d.npz"
    np.savez(path, **arrays)
    return path


def check(refused, path, message, hint=None, **settings):
    error = refused(Npz(path=path, **settings).read)
    assert str(error) == f"{path}{message}"
    assert error.hint == hint
    return error


def test_a_missing_file_a_folder_and_other_formats(tmp_path, refused):
    path = tmp_path / "d.npz"
    assert check(refused, path, ": no such file").key == ("data", "path")
    check(refused, tmp_path, ": is a folder, not an .npz file")
    path.write_bytes(b"hello")
    check(refused, path, ": is not an .npz archive, or was cut short")
    np.save(tmp_path / "x.npy", X)
    hint = "write both arrays into one file with numpy.savez(path, X=X, y=y)"
    check(refused, tmp_path / "x.npy", ": is a single array (.npy), not an .npz archive", hint)


def test_a_file_cut_short(tmp_path, refused):
    path = saved(tmp_path, X=X, y=Y)
    path.write_bytes(path.read_bytes()[:-30])
    check(refused, path, ": is not an .npz archive, or was cut short")


def test_missing_arrays_are_listed_with_what_is_there(tmp_path, refused):
    path = saved(tmp_path, x=X, labels=Y)
    check(refused, path, ": has no array 'X'; it has 'x', 'labels'")
    path = saved(tmp_path, X=X, y=Y, X_tests=X)
    Npz(path=path).read()
    path = saved(tmp_path, X=X, y=Y, X_test=X, ytest=Y)
    message = ": has no array 'y_test'; it has 'X', 'y', 'X_test', 'ytest'"
    check(refused, path, message, "rename 'ytest' to 'y_test'")


@pytest.mark.parametrize("name", ["X", "y"])
def test_an_object_array_is_refused_without_being_unpickled(tmp_path, refused, name):
    class Attack:
        def __reduce__(self):
            return open, (str(tmp_path / "executed"), "w")

    objects = np.empty(4, object)
    objects[:] = Attack()
    path = saved(tmp_path, **({"X": X, "y": Y} | {name: objects}))
    message = (
        f": array '{name}' holds Python objects, which are not read because unpickling "
        "them can run code"
    )
    check(refused, path, message, "save it with a numeric dtype, such as X.astype('float32')")
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize("dtype", ["complex128", "U3", "datetime64[s]", "S2"])
def test_dtypes_that_are_not_numbers(tmp_path, refused, dtype):
    array = np.zeros((4, 3), dtype)
    message = f": array 'X' has the dtype {array.dtype}, but only numbers can be used"
    check(refused, saved(tmp_path, X=array, y=Y), message)


def test_shapes(tmp_path, refused):
    forms = "but it must be (N, F), (N, H, W) or (N, H, W, C)"
    check(refused, saved(tmp_path, X=X[0], y=Y), f": array 'X' has the shape (3,), {forms}")
    five = np.zeros((4, 1, 1, 1, 1))
    check(
        refused, saved(tmp_path, X=five, y=Y), f": array 'X' has the shape (4, 1, 1, 1, 1), {forms}"
    )
    check(
        refused,
        saved(tmp_path, X=X, y=np.eye(4, dtype=int)),
        ": array 'y' has the shape (4, 4), but it must be (N,)",
        "one label per example: a class number, not a row of zeros and a one",
    )
    check(
        refused, saved(tmp_path, X=X[:, :0], y=Y), ": X: examples have no features (shape (4, 0))"
    )
    check(refused, saved(tmp_path, X=X[:0], y=Y[:0]), ": X: has no examples", classes=2)


def test_lengths_that_differ(tmp_path, refused):
    check(refused, saved(tmp_path, X=X, y=Y[:3]), ": X, y: has 4 examples but 3 labels")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (np.nan, "nan, not a finite number"),
        (-np.inf, "-inf, not a finite number"),
        (1e39, "1e+39, outside the range of float32"),
    ],
)
def test_values_that_are_not_finite_in_float32(tmp_path, refused, value, shown):
    bad = X.copy()
    bad[2, 1] = value
    check(refused, saved(tmp_path, X=bad, y=Y), f": X: value 1 of example 2 is {shown}")
    path = saved(tmp_path, X=X, y=Y, X_test=bad, y_test=Y)
    check(refused, path, f": X_test: value 1 of test example 2 is {shown}")


def test_labels(tmp_path, refused):
    path = saved(tmp_path, X=X, y=Y * 1.0)
    message = ": array 'y' has the dtype float64, but labels are whole numbers"
    check(refused, path, message, "save y.astype('int64')")
    unlabeled = (
        "labels are the whole numbers 0..C-1: leave out examples that -1 marks as unlabeled, or "
        "write 0 for -1 where labels are -1 and 1"
    )
    path = saved(tmp_path, X=X, y=-Y)
    check(refused, path, ": y: label -1 of example 1 is outside 0..1", unlabeled, classes=2)
    path = saved(tmp_path, X=X, y=Y + 2)
    check(refused, path, ": y: label 3 of example 1 is outside 0..2", classes=3)
    path = saved(tmp_path, X=X, y=Y, X_test=X, y_test=Y + 1)
    check(refused, path, ": y_test: label 2 of example 1 is outside 0..1")
    check(
        refused,
        saved(tmp_path, X=X, y=Y * 0),
        ": X: has 1 class, but at least 2 are needed to tell apart",
    )


def test_labels_that_are_identifiers(tmp_path, refused):
    path = saved(tmp_path, X=X, y=np.array([0, 1, 2, 2**63 + 1], np.uint64))
    message = (
        ": y: the largest label is 9,223,372,036,854,775,809, which makes "
        "9,223,372,036,854,775,810 classes, but there are only 4 examples"
    )
    hint = "labels are the whole numbers 0..C-1; set classes if there really are so many"
    check(refused, path, message, hint)


def test_a_header_that_claims_more_than_the_file(tmp_path, refused):
    header = io.BytesIO()
    shape = (10**9, 10**9)
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f8", "fortran_order": False, "shape": shape}
    )
    path = tmp_path / "d.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("X.npy", header.getvalue() + b"few")
    message = (
        ": array 'X' claims the shape (1000000000, 1000000000) of float64, "
        "8,000,000,000,000,000,000 bytes, but 3 bytes are stored"
    )
    check(refused, path, message)


def test_a_damaged_array(tmp_path, refused):
    path = saved(tmp_path, X=X, y=Y)
    raw = bytearray(path.read_bytes())
    raw[raw.index(X.tobytes()) + 50] ^= 1
    path.write_bytes(raw)
    check(refused, path, ": is damaged: Bad CRC-32 for file 'X.npy'")


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_mutated_file_only_ever_gives_a_data_error(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("mutated")
    path = folder / "d.npz"
    save = data.draw(st.sampled_from([np.savez, np.savez_compressed]))
    save(path, X=X[:2], y=Y[:2])
    raw = bytearray(path.read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=4)):
        raw[place] = data.draw(st.integers(0, 255))
    path.write_bytes(raw[: data.draw(st.sampled_from([len(raw), len(raw), len(raw) - 9, 50]))])
    for action in (Npz(path=path).size, Npz(path=path).read):
        with suppress(DataError):
            action()
