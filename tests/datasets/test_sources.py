"""Every source reads what it promises, and knows its classes and its size beforehand."""

import dataclasses
import typing

import numpy as np
import pytest
from annotated_types import Ge, doc
from data_files import write_cifar

from trainer_cli.datasets import DataError, Source, Step, shipped
from trainer_cli.datasets.formats.plain_pickle import read_plain_pickle
from trainer_cli.datasets.sources import Cifar10, Csv, Digits, Mnist, Npz, Synthetic

PARTS = [*typing.get_args(Source), *typing.get_args(Step)]
DOC = type(doc("text"))


def test_there_are_many_parts():
    assert len(PARTS) >= 13


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_every_setting_is_described(part):
    hints = typing.get_type_hints(part, include_extras=True)
    assert part.__dataclass_params__.frozen
    assert part.__doc__
    for field in dataclasses.fields(part):
        assert field.kw_only
        if field.name == "type":
            assert typing.get_args(hints["type"]) == (field.default,)
            continue
        texts = [m for m in hints[field.name].__metadata__ if isinstance(m, DOC)]
        assert len(texts) == 1, field.name
        assert not texts[0].documentation.endswith(".")


def test_the_tags_of_parts_are_unique():
    tags = [part.type for part in PARTS]
    assert len(set(tags)) == len(tags)


def test_a_bound_is_where_a_reader_finds_it():
    hint = typing.get_type_hints(Synthetic, include_extras=True)["examples"]
    assert Ge(2) in hint.__metadata__


def test_digits_are_the_published_ones():
    datasets = pytest.importorskip("sklearn.datasets")
    table, published = Digits().read(), datasets.load_digits()
    np.testing.assert_array_equal(table.inputs[..., 0], published.images)
    np.testing.assert_array_equal(table.labels, published.target)
    assert table.inputs.dtype == np.uint8
    assert table.class_names == tuple("0123456789")
    assert table.test_inputs is None
    assert Digits().classes_known() == table.classes == 10
    assert Digits().size() == 1797 * 65


def test_shipped_files_lie_beside_the_package_in_a_wheel(tmp_path, monkeypatch, refused):
    monkeypatch.setitem(shipped.__globals__, "PACKAGE", tmp_path / "trainer_cli")
    place = tmp_path / "trainer_cli" / "shipped" / "digits.npz"
    error = refused(lambda: shipped("digits.npz"))
    assert str(error) == f"{place}: this part of the installation is missing"
    assert error.hint == "install nntrain again"
    place.parent.mkdir(parents=True)
    place.touch()
    assert shipped("digits.npz") == place


def test_cifar10_turns_planes_into_channels(cifar):
    table = Cifar10(path=cifar).read()
    assert table.inputs.shape == (100, 32, 32, 3)
    assert table.inputs.dtype == np.uint8
    first = read_plain_pickle((cifar / "data_batch_1").read_bytes())[b"data"].values
    np.testing.assert_array_equal(
        table.inputs[:20], first.reshape(20, 3, 32, 32).transpose(0, 2, 3, 1)
    )
    # The first byte of an image is the number of its batch here: 1 to 5, in order.
    np.testing.assert_array_equal(table.inputs[:, 0, 0, 0], np.repeat([1, 2, 3, 4, 5], 20))
    assert table.test_inputs.shape == (20, 32, 32, 3)
    assert set(table.test_inputs[:, 0, 0, 0]) == {6}
    np.testing.assert_array_equal(table.labels, np.tile(np.arange(20) % 10, 5))
    assert table.class_names == tuple(f"class {n}" for n in range(10))
    assert Cifar10(path=cifar).classes_known() == 10
    assert 120 * 3072 < Cifar10(path=cifar).size() < 1.6 * 120 * 3072


def test_cifar10_without_the_names_of_its_classes(cifar):
    (cifar / "batches.meta").unlink()
    assert Cifar10(path=cifar).read().class_names is None


def test_cifar10_reads_the_same_from_its_archive(cifar, cifar_archive):
    folder, archive = Cifar10(path=cifar).read(), Cifar10(path=cifar_archive).read()
    for name in ("inputs", "labels", "test_inputs", "test_labels", "class_names"):
        np.testing.assert_array_equal(getattr(folder, name), getattr(archive, name))
    size = Cifar10(path=cifar_archive).size()
    assert 120 * 3072 < size < 1.6 * 120 * 3072


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_cifar10_reads_every_binary_protocol_that_holds_arrays_as_data(tmp_path, protocol):
    table = Cifar10(path=write_cifar(tmp_path / "c", 3, protocol)).read()
    assert table.inputs.shape == (15, 32, 32, 3)


def test_cifar10_reads_files_that_python_2_wrote():
    # The opcodes of the published files: Python 2 strings, positions in the memo, old module name.
    raw = bytes(range(256)) * 12
    head = b"\x80\x02}q\x01(U\x06labelsq\x02]q\x03K\x07aU\x04dataq\x04"
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\nq\x05cnumpy\nndarray\nq\x06K\x00\x85U\x01bq\x07"
        b"\x87R(K\x01K\x01M\x00\x0c\x86cnumpy\ndtype\nq\x08U\x02u1K\x00K\x01\x87R(K\x03U\x01|NNN"
        b"J\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T\x00\x0c\x00\x00" + raw + b"tb"
    )
    fields = read_plain_pickle(head + array + b"u.")
    assert fields[b"labels"] == [7]
    assert fields[b"data"].values.tobytes() == raw


def test_mnist_reads_plain_and_gzipped_files(mnist):
    table = Mnist(path=mnist).read()
    assert table.inputs.shape == (12, 4, 3, 1)
    assert table.inputs.dtype == np.uint8
    np.testing.assert_array_equal(
        table.inputs.reshape(-1),
        np.frombuffer((mnist / "train-images-idx3-ubyte").read_bytes()[16:], np.uint8),
    )
    np.testing.assert_array_equal(table.labels, np.arange(12) % 10)
    assert table.test_inputs.shape == (6, 4, 3, 1)
    assert Mnist(path=mnist).size() == 18 * (12 + 1 + 8)
    assert Mnist(path=mnist, classes=47).classes_known() == 47


def test_mnist_without_a_test_set_and_with_the_other_spelling(mnist):
    for file in mnist.glob("t10k*"):
        file.unlink()
    (mnist / "train-images-idx3-ubyte").rename(mnist / "train-images.idx3-ubyte")
    assert Mnist(path=mnist).read().test_inputs is None
    assert Mnist(path=mnist).size() == 12 * (12 + 1 + 8)


@pytest.mark.parametrize(
    "dtype", ["uint8", "int16", "int64", "float16", "float32", "float64", ">f4"]
)
def test_npz_keeps_the_values(tmp_path, rng, dtype):
    X = rng.integers(0, 100, (6, 4)).astype(dtype)
    np.savez(tmp_path / "d.npz", X=X, y=np.array([0, 1, 2, 0, 1, 2]))
    source = Npz(path=tmp_path / "d.npz")
    table = source.read()
    np.testing.assert_array_equal(table.inputs, X)
    assert table.inputs.dtype == np.dtype(dtype).newbyteorder("=")
    assert (table.classes, source.classes_known()) == (3, None)
    assert source.size() == X.nbytes + 48


def test_npz_of_images_with_a_test_set_compressed_columns_first(tmp_path, rng):
    X = np.asfortranarray(rng.random((6, 5, 4)))
    np.savez_compressed(
        tmp_path / "d.npz",
        X=X,
        y=np.arange(6) % 2,
        X_test=X[:2],
        y_test=np.array([1, 0], np.uint64),
    )
    table = Npz(path=tmp_path / "d.npz", classes=4).read()
    assert table.inputs.shape == (6, 5, 4, 1)
    assert table.inputs.flags.c_contiguous
    np.testing.assert_array_equal(table.inputs[..., 0], X)
    np.testing.assert_array_equal(table.test_labels, [1, 0])
    assert table.classes == 4


def test_csv_with_names_for_classes(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text('\ufeffheight,kind,weight\n1.5,dog,3\n1e2, cat ,-4\n\n"7",dog,5\n')
    table = Csv(path=path, label="kind").read()
    np.testing.assert_array_equal(table.inputs, [[1.5, 3], [100, -4], [7, 5]])
    assert table.inputs.dtype == np.float64
    np.testing.assert_array_equal(table.labels, [1, 0, 1])
    assert table.class_names == ("cat", "dog")
    assert Csv(path=path, label="kind").classes_known() is None


@pytest.mark.parametrize("label", [2, -1])
def test_csv_without_header_by_index(tmp_path, label):
    path = tmp_path / "d.csv"
    path.write_text("1;2;0\n3;4;2\n5;6;1\n")
    table = Csv(path=path, label=label, header=False, delimiter=";").read()
    np.testing.assert_array_equal(table.inputs, [[1, 2], [3, 4], [5, 6]])
    np.testing.assert_array_equal(table.labels, [0, 2, 1])
    assert (table.classes, table.class_names) == (3, None)


def test_csv_estimates_its_size(tmp_path, rng):
    path = tmp_path / "d.csv"
    X = rng.random((3000, 9))
    np.savetxt(path, np.c_[X, np.arange(3000) % 2], delimiter=",", fmt="%.6f")
    size = Csv(path=path, label=-1, header=False).size()
    assert 0.95 * 3000 * 80 < size < 1.05 * 3000 * 80


@pytest.mark.parametrize("kind", ["blobs", "gaussian", "spirals"])
def test_synthetic_is_decided_by_its_seed(kind):
    source = Synthetic(kind=kind, examples=30, seed=5)
    table = source.read()
    assert table.inputs.shape == (30, 2)
    np.testing.assert_array_equal(table.labels, np.arange(30) % 3)
    np.testing.assert_array_equal(table.inputs, source.read().inputs)
    other = dataclasses.replace(source, seed=6).read()
    assert not np.array_equal(table.inputs, other.inputs)
    assert source.classes_known() == 3
    assert source.size() == table.inputs.nbytes + table.labels.nbytes


def test_gaussian_inputs_know_nothing_of_their_class():
    table = Synthetic(kind="gaussian", examples=40_000, classes=2, features=3, noise=0.5).read()
    for label in range(2):
        inputs = table.inputs[table.labels == label]
        assert np.abs(inputs.mean(axis=0)).max() < 5 * 0.5 / np.sqrt(20_000)
        assert inputs.std(axis=0) == pytest.approx(0.5, rel=0.03)


def test_blobs_have_the_asked_spread():
    source = Synthetic(examples=40_000, classes=2, features=3, noise=0.5)
    table = source.read()
    for label in range(2):
        std = table.inputs[table.labels == label].std(axis=0)
        np.testing.assert_allclose(std, 0.5, rtol=0.03)


def test_spirals_without_noise_follow_the_formula():
    table = Synthetic(kind="spirals", examples=9, noise=0).read()
    radius = np.repeat([0, 0.5, 1], 3)
    angle = 4 * (table.labels + radius)
    expected = np.c_[radius * np.sin(angle), radius * np.cos(angle)]
    np.testing.assert_allclose(table.inputs, expected, atol=1e-6)


def test_a_monstrous_request_is_known_before_anything_is_allocated(refused):
    source = Synthetic(examples=10**15, features=10**6)
    assert source.size() == 10**15 * (4 * 10**6 + 8)
    error = refused(source.read)
    assert str(error) == (
        "synthetic data: needs 4,000,008,000,000,000,000,000 bytes, more than this machine can give"
    )
    assert error.key == ("data", "examples")


def test_an_error_is_an_exception_with_parts():
    error = DataError("wrong", where="a.csv:3", key=("data", "label"), hint="mend it")
    assert (str(error), error.message) == ("a.csv:3: wrong", "wrong")
    assert (error.where, error.key, error.hint) == ("a.csv:3", ("data", "label"), "mend it")
    assert str(DataError("wrong")) == "wrong"


def test_files_that_the_system_keeps_from_us(cifar, mnist, monkeypatch, refused):
    npz, table = mnist / "d.npz", mnist / "d.csv"
    npz.touch()
    table.touch()
    sources = {
        cifar / "data_batch_1": Cifar10(path=cifar),
        mnist / "train-images-idx3-ubyte": Mnist(path=mnist),
        npz: Npz(path=npz),
        table: Csv(path=table, label=0),
    }

    def refuse(path, *arguments, **settings):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("pathlib.Path.open", refuse)
    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)
    for path, source in sources.items():
        assert str(refused(source.read)) == f"{path}: cannot be read: permission denied"
