"""CIFAR-10's files are pickles: whatever is wrong with one is named, and nothing is executed."""

import gzip
import io
import os
import pickle
import tarfile
from contextlib import suppress

import numpy as np
import pytest
from data_files import batch_bytes
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer_cli.datasets import DataError
from trainer_cli.datasets.formats.cifar_batch import decode_batch, decode_names
from trainer_cli.datasets.sources import Cifar10

IMAGES = np.zeros((2, 3072), np.uint8)
GOOD = batch_bytes(IMAGES, [0, 9])


class Attack:
    """Runs a command when unpickled."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_code_in_a_pickle_is_named_and_never_run(cifar, tmp_path, refused, protocol):
    command = f"touch {tmp_path / 'executed'}"
    (cifar / "data_batch_3").write_bytes(pickle.dumps(Attack(command), protocol))
    error = refused(Cifar10(path=cifar).read)
    assert str(error) == (
        f"{cifar / 'data_batch_3'}: is a pickle that asks for '{os.name}.system', "
        "which CIFAR-10 files never need; nothing was executed"
    )
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize(
    "name",
    ["builtins.eval", "numpy.load", "numpy.core.multiarray.scalar", "copyreg._reconstructor"],
)
def test_only_the_four_names_are_admitted(refused, name):
    module, attribute = name.rsplit(".", 1)
    error = refused(
        lambda: decode_batch(f"\x80\x02c{module}\n{attribute}\n.".encode("latin1"), "f")
    )
    assert str(error) == (
        f"f: is a pickle that asks for '{name}', which CIFAR-10 files never need; "
        "nothing was executed"
    )


ASKS_OTHERWISE = {
    "extension": (
        b"\x80\x02\x82\x01.",
        "f: uses the pickle instruction EXT1, which plain data never needs",
    ),
    "persistent": (
        b"\x80\x02K\x01Q.",
        "f: uses the pickle instruction BINPERSID, which plain data never needs",
    ),
    "instance": (
        b"(ios\nsystem\n.",
        "f: uses the pickle instruction INST, which plain data never needs",
    ),
    "object": (
        b"\x80\x02(K\x01o.",
        "f: uses the pickle instruction OBJ, which plain data never needs",
    ),
    "new": (
        b"\x80\x02)\x81.",
        "f: uses the pickle instruction NEWOBJ, which plain data never needs",
    ),
    "huge bytearray": (
        b"\x80\x05\x96" + b"\xff" * 7 + b"\x00.",
        "f: uses the pickle instruction BYTEARRAY8, which plain data never needs",
    ),
    "huge bytes": (b"\x80\x04\x8e" + b"\xff" * 7 + b"\x00.", "f: is not a whole pickle (byte 11)"),
    "reduce a value": (b"\x80\x02K\x01)R.", "f: is not a whole pickle (byte 6)"),
    "build a name": (b"\x80\x02cnumpy\ndtype\n}b.", "f: is not a whole pickle (byte 17)"),
    "key of tuples": (b"\x80\x02})K\x01s.", "f: is not a whole pickle (byte 7)"),
    "call ndarray": (
        b"\x80\x02cnumpy\nndarray\n)R.",
        "f: builds an array in a way that no published file does",
    ),
    "codec": (
        b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x03\x00\x00\x00bz2\x86R.",
        "f: encodes text in a way that no published file does",
    ),
    "memo of the future": (b"\x80\x02j\xff\xff\xff\xff.", "f: is not a whole pickle (byte 7)"),
    "empty": (b"", "f: is not a whole pickle (byte 0)"),
    "text": (b"zebra", "f: is not a whole pickle (byte 0)"),
    "marks": (b"\x80\x02(0", "f: uses the pickle instruction POP, which plain data never needs"),
    "mark above the stack": (b"\x80\x02K\x01K\x01(\x86t.", "f: is not a whole pickle (byte 9)"),
}


@pytest.mark.parametrize("case", ASKS_OTHERWISE)
def test_instructions_that_plain_data_never_needs_are_refused(refused, case):
    data, message = ASKS_OTHERWISE[case]
    assert str(refused(lambda: decode_batch(data, "f"))) == message


def test_a_memo_index_of_four_billion_reserves_no_memory(refused):
    data = b"\x80\x02K\x01r\xff\xff\xff\xff."
    assert str(refused(lambda: decode_batch(data, "f"))) == (
        "f: holds a int, but CIFAR-10 files hold a dict"
    )


WRONG_STRUCTURE = {
    "a list": (pickle.dumps([1], 2), "f: holds a list, but CIFAR-10 files hold a dict"),
    "no data": (pickle.dumps({"labels": [1]}, 2), "f: has no entry 'data'"),
    "no labels": (pickle.dumps({b"data": IMAGES}, 2), "f: has no entry 'labels'"),
    "CIFAR-100": (
        pickle.dumps({b"data": IMAGES, b"fine_labels": [1, 2]}, 2),
        "f: is of CIFAR-100, which the source cifar10 does not read",
    ),
    "data as list": (
        pickle.dumps({b"data": [1], b"labels": [1]}, 2),
        "f: its 'data' is not an array of unsigned bytes",
    ),
    "floats": (
        batch_bytes(IMAGES.astype(float), [0, 1]),
        "f: holds an array that is not of unsigned bytes",
    ),
    "row too short": (
        batch_bytes(IMAGES[:, 1:], [0, 1]),
        "f: its 'data' has the shape (2, 3071), but it must be (N, 3072)",
    ),
    "images": (
        batch_bytes(IMAGES.reshape(2, 3, 32, 32), [0, 1]),
        "f: its 'data' has the shape (2, 3, 32, 32), but it must be (N, 3072)",
    ),
    "label too large": (batch_bytes(IMAGES, [0, 10]), "f: label 10 of example 1 is outside 0..9"),
    "label negative": (batch_bytes(IMAGES, [-1, 0]), "f: label -1 of example 0 is outside 0..9"),
    "label enormous": (
        batch_bytes(IMAGES, [0, 10**30]),
        f"f: label {10**30} of example 1 is outside 0..9",
    ),
    "label as text": (
        batch_bytes(IMAGES, ["0", "1"]),
        "f: its 'labels' are not a list of whole numbers",
    ),
    "too few labels": (batch_bytes(IMAGES, [0]), "f: has 2 images but 1 labels"),
}


@pytest.mark.parametrize("case", WRONG_STRUCTURE)
def test_a_wrong_structure_is_described(refused, case):
    data, message = WRONG_STRUCTURE[case]
    assert str(refused(lambda: decode_batch(data, "f"))) == message


def test_names_of_classes_are_checked(refused):
    data = pickle.dumps({b"label_names": [b"cat"]}, 2)
    assert str(refused(lambda: decode_names(data, "f"))) == "f: its 'label_names' are not 10 names"


def test_a_missing_folder(tmp_path, refused):
    error = refused(Cifar10(path=tmp_path / "none").size)
    assert str(error) == f"{tmp_path / 'none'}: no such folder or file"
    assert error.key == ("data", "path")


def test_missing_batches(cifar, refused):
    (cifar / "data_batch_2").unlink()
    assert str(refused(Cifar10(path=cifar).read)) == f"{cifar}: has no file data_batch_2"
    (cifar / "test_batch").unlink()
    error = refused(Cifar10(path=cifar).size)
    assert str(error) == f"{cifar}: has no file data_batch_2 (nor test_batch)"
    assert error.key == ("data", "path")


def test_the_folder_above_is_a_near_miss(cifar, refused):
    error = refused(Cifar10(path=cifar.parent).read)
    assert error.hint == f"did you mean {cifar}?"


def test_an_archive_that_is_cut_short_or_none_at_all(cifar_archive, tmp_path, refused):
    data = cifar_archive.read_bytes()
    hint = "the source cifar10 reads the folder cifar-10-batches-py or its .tar.gz"
    cut, other = tmp_path / "cut.tar.gz", tmp_path / "other.tar.gz"
    cut.write_bytes(data[: len(data) // 2])
    error = refused(Cifar10(path=cut).read)
    assert str(error) == f"{cut}: is not a whole .tar.gz: unexpected end of data"
    assert error.hint == hint
    other.write_bytes(b"hello")
    error = refused(Cifar10(path=other).read)
    assert str(error) == f"{other}: is not a whole .tar.gz: truncated header"


def test_an_archive_of_links_and_paths_is_not_followed(cifar, tmp_path, refused):
    path = tmp_path / "evil.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for file in cifar.iterdir():
            archive.add(file, f"../../{file.name}")
        link = tarfile.TarInfo("data_batch_1")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    before = sorted(tmp_path.rglob("*"))
    assert len(Cifar10(path=path).read().labels) == 100
    assert sorted(tmp_path.rglob("*")) == before


def test_an_archive_with_a_batch_twice_or_not_at_all(cifar, tmp_path, refused):
    path = tmp_path / "c.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(cifar / "data_batch_1", "a/data_batch_1")
    assert str(refused(Cifar10(path=path).read)) == (
        f"{path}: has no file data_batch_2 (nor data_batch_3, data_batch_4, "
        "data_batch_5, test_batch)"
    )
    with tarfile.open(path, "w:gz") as archive:
        archive.add(cifar / "data_batch_1", "a/data_batch_1")
        archive.add(cifar / "data_batch_1", "b/data_batch_1")
    assert str(refused(Cifar10(path=path).read)) == f"{path}: has two files named data_batch_1"


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_mutated_pickle_only_ever_gives_a_data_error(data):
    raw = bytearray(GOOD)
    # Not in the pixels, where a change is a change of the picture.
    places = [*range(150), *range(len(raw) - 200, len(raw))]
    for place in data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=4)):
        raw[place] = data.draw(st.integers(0, 255))
    raw = raw[: data.draw(st.sampled_from([len(raw), len(raw) - 1, 300, 100, 50, 10]))]
    for decode in (decode_batch, decode_names):
        with suppress(DataError):
            decode(bytes(raw), "f")


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60))
def test_random_bytes_only_ever_give_a_data_error(raw):
    with pytest.raises(DataError):
        decode_batch(b"\x80\x02" + raw, "f")


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_mutated_archive_only_ever_gives_a_data_error(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("mutated")
    path = folder / "c.tar.gz"
    with tarfile.open(path, "w") as archive:
        for name in ("data_batch_1", "test_batch"):
            member = tarfile.TarInfo(name)
            member.size = len(GOOD)
            archive.addfile(member, io.BytesIO(GOOD))
    raw = bytearray(path.read_bytes())
    for place in data.draw(st.lists(st.integers(0, 600), min_size=1, max_size=4)):
        raw[place] = data.draw(st.integers(0, 255))
    zipped = bytearray(gzip.compress(bytes(raw), mtime=0))
    if data.draw(st.booleans()):
        zipped[data.draw(st.integers(0, len(zipped) - 1))] ^= 255
    path.write_bytes(bytes(zipped))
    for action in (Cifar10(path=path).size, Cifar10(path=path).read):
        with suppress(DataError):
            action()
