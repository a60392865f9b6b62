"""Every way in which an IDX file can be wrong is told from the others."""

import gzip
from contextlib import suppress

import numpy as np
import pytest
from data_files import idx_bytes
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer_cli.datasets import DataError
from trainer_cli.datasets.sources import Mnist

IMAGES = "train-images-idx3-ubyte"
LABELS = "train-labels-idx1-ubyte.gz"


def check(refused, folder, message, **settings):
    error = refused(Mnist(path=folder, **settings).read)
    assert str(error) == message
    return error


def test_wrong_magic_number(mnist, refused):
    (mnist / IMAGES).write_bytes(idx_bytes(np.zeros(20)))
    message = "wrong magic number 0x00000801, expected 0x00000803 (images)"
    check(refused, mnist, f"{mnist / IMAGES}: {message}")


def test_wrong_magic_number_of_labels(mnist, refused):
    (mnist / LABELS).write_bytes(gzip.compress(idx_bytes(np.zeros((12, 1, 1)))))
    message = "wrong magic number 0x00000803, expected 0x00000801 (labels)"
    check(refused, mnist, f"{mnist / LABELS}: {message}")


@pytest.mark.parametrize("length", [0, 3, 15])
def test_cut_short_inside_the_header(mnist, refused, length):
    path = mnist / IMAGES
    path.write_bytes(path.read_bytes()[:length])
    check(refused, mnist, f"{path}: ends inside its header, after {length} of 16 bytes")


def test_cut_short_inside_the_images(mnist, refused):
    path = mnist / IMAGES
    path.write_bytes(path.read_bytes()[:-1])
    message = (
        "is cut short: its header announces 12 images of 4 x 3 pixels (144 bytes), "
        "but only 143 of them follow"
    )
    check(refused, mnist, f"{path}: {message}")
    assert str(refused(Mnist(path=mnist).size)) == f"{path}: {message}"


def test_cut_short_before_it_was_compressed(mnist, refused):
    raw = gzip.decompress((mnist / LABELS).read_bytes())
    (mnist / LABELS).write_bytes(gzip.compress(raw[:-2]))
    message = "is cut short: its header announces 12 labels (12 bytes), but only 10 of them follow"
    check(refused, mnist, f"{mnist / LABELS}: {message}")


def test_cut_short_after_it_was_compressed(mnist, refused):
    path = mnist / LABELS
    path.write_bytes(path.read_bytes()[:-3])
    check(refused, mnist, f"{path}: is cut short: its compressed data ends too early")


def test_a_header_that_claims_more_than_could_ever_follow(mnist, refused):
    (mnist / IMAGES).unlink()
    path = mnist / f"{IMAGES}.gz"
    header = b"\x00\x00\x08\x03" + np.array([2**31, 1000, 1000], ">u4").tobytes()
    path.write_bytes(gzip.compress(header))
    message = (
        f"{path}: is cut short: its header announces 2,147,483,648 images of 1,000 x 1,000 pixels "
        "(2,147,483,648,000,000 bytes), but not nearly as many follow"
    )
    check(refused, mnist, message)


def test_damaged_compression(mnist, refused):
    path = mnist / LABELS
    raw = bytearray(path.read_bytes())
    raw[-8] ^= 255
    path.write_bytes(raw)
    error = refused(Mnist(path=mnist).read)
    assert str(error).startswith(f"{path}: is damaged: crc check failed 0x")
    path.write_bytes(b"plain")
    check(refused, mnist, f"{path}: is damaged: not a gzipped file (b'pl')")


def test_trailing_bytes(mnist, refused):
    path = mnist / IMAGES
    path.write_bytes(path.read_bytes() + b"\x00")
    check(refused, mnist, f"{path}: goes on after its 12 images of 4 x 3 pixels")


def test_counts_that_differ(mnist, refused):
    (mnist / LABELS).write_bytes(gzip.compress(idx_bytes(np.zeros(11))))
    check(refused, mnist, f"{mnist / LABELS}: has 12 images but 11 labels")


def test_a_label_out_of_range(mnist, refused):
    check(refused, mnist, f"{mnist / LABELS}: label 5 of example 5 is outside 0..4", classes=5)


def test_images_without_pixels_or_without_images(mnist, refused):
    path = mnist / IMAGES
    path.write_bytes(idx_bytes(np.zeros((12, 0, 3))))
    check(refused, mnist, f"{path}: examples have no features (shape (12, 0, 3, 1))")
    path.write_bytes(idx_bytes(np.zeros((0, 4, 3))))
    (mnist / LABELS).write_bytes(gzip.compress(idx_bytes(np.zeros(0))))
    check(refused, mnist, f"{path}: has no examples")


def test_test_images_of_another_size(mnist, refused):
    path = mnist / "t10k-images-idx3-ubyte"
    path.write_bytes(idx_bytes(np.zeros((6, 3, 4))))
    message = "test examples have the shape (3, 4, 1), but training examples (4, 3, 1)"
    check(refused, mnist, f"{path}: {message}")


def test_missing_files(mnist, refused):
    (mnist / "t10k-labels-idx1-ubyte.gz").unlink()
    error = check(refused, mnist, f"{mnist}: has no file t10k-labels-idx1-ubyte, plain or .gz")
    assert error.key == ("data", "path")
    (mnist / IMAGES).unlink()
    check(refused, mnist, f"{mnist}: has no file train-images-idx3-ubyte, plain or .gz")


def test_a_missing_folder_and_a_file_for_a_folder(mnist, refused):
    check(refused, mnist / "none", f"{mnist / 'none'}: no such folder")
    message = "is a file, but the source mnist needs the folder of the IDX files"
    error = check(refused, mnist / IMAGES, f"{mnist / IMAGES}: {message}")
    assert error.key == ("data", "path")


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_mutated_file_only_ever_gives_a_data_error(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("mutated")
    zipped = data.draw(st.booleans())
    raw = bytearray(idx_bytes(np.arange(24).reshape(2, 4, 3)))
    raw = bytearray(gzip.compress(raw)) if zipped else raw
    for place in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=3)):
        raw[place] = data.draw(st.integers(0, 255))
    raw = raw[: data.draw(st.integers(0, len(raw)))]
    (folder / (f"{IMAGES}.gz" if zipped else IMAGES)).write_bytes(raw)
    (folder / LABELS).write_bytes(gzip.compress(idx_bytes(np.arange(2))))
    for action in (Mnist(path=folder).size, Mnist(path=folder).read):
        with suppress(DataError):
            action()
