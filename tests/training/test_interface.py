"""Preprocessing that outlives its training data: written, read back, the same to the bit."""

import json
from dataclasses import replace

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from tests.experiments import DIGITS, data_of
from trainer_cli.datasets.preprocess import (
    Center,
    MeanChannel,
    MeanImage,
    Pca,
    PerImageMean,
    Scale,
    Standardize,
    Whiten,
)
from trainer_cli.training.interface import (
    PREPROCESSING,
    interface_content,
    interface_of,
    read_interface,
)
from trainer_cli.training.runs import RunError

STEPS = {
    "none": (),
    "one stage of two steps": (Scale(by=16.0), Center()),
    "images": (MeanImage(), PerImageMean(), MeanChannel()),
    "standardize": (Standardize(),),
    "axes": (Center(), Pca(dimensions=5), Standardize()),
    "whiten": (Scale(by=16.0), PerImageMean(), Whiten(dimensions=7), Scale(by=3.0)),
}


def written(steps, folder):
    dataset = data_of(replace(DIGITS, data=replace(DIGITS.data, preprocess=steps)))
    path = folder / PREPROCESSING
    path.write_bytes(interface_content(interface_of(dataset)))
    return dataset, path


@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_same_bits_after_reading_back(steps, dtype, tmp_path):
    dataset, path = written(steps, tmp_path)
    found = read_interface(path)
    assert (found.classes, found.class_names) == (10, tuple("0123456789"))
    assert found.feature_names is None
    assert found.pipeline.input_shape == (8, 8, 1)
    assert found.pipeline.shape == dataset.shape
    stored = dataset.train.stored[:20]
    for rows in (stored, stored.astype(np.float64) / 3):
        one, other = np.zeros((2, 20, int(np.prod(dataset.shape))), dtype)
        dataset.train.pipeline.apply(rows, one)
        found.pipeline.apply(rows, other)
        np.testing.assert_array_equal(one, other)


def test_a_person_can_read_it(tmp_path):
    _, path = written(STEPS["whiten"], tmp_path)
    with safe_open(path, framework="numpy") as file:
        metadata, names = file.metadata(), sorted(file.keys())
    assert names == [
        "stages[0].factor",
        "stages[2].center",
        "stages[2].directions",
        "stages[3].factor",
    ]
    assert json.loads(metadata["interface"]) == {
        "format": "nntrain/1",
        "stages": ["affine", "own_mean", "projection", "affine"],
        "input_shape": [8, 8, 1],
        "classes": 10,
        "class_names": list("0123456789"),
        "feature_names": None,
    }


def refusal(path):
    with pytest.raises(RunError) as caught:
        read_interface(path)
    hint = "remove it, if the data of the run are still there: they tell the same"
    assert caught.value.hint == hint
    return caught.value.message


def test_a_file_that_was_cut_short(tmp_path):
    _, path = written(STEPS["axes"], tmp_path)
    path.write_bytes(path.read_bytes()[:-100])
    assert refusal(path).startswith(f"{path} is damaged: ")
    path.write_bytes(b"")
    assert refusal(path).startswith(f"{path} is damaged: ")


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("stages", ["affine", "magic"], "stages[1] is 'magic'"),
        ("stages", ["projection"], "stages[0] lacks its center or its directions"),
        ("input_shape", [3], "stages[0].shift has the shape (64,) for 3 values"),
        ("classes", "ten", "invalid literal for int() with base 10: 'ten'"),
    ],
)
def test_what_no_run_has_written(key, value, message, tmp_path):
    path = tmp_path / PREPROCESSING
    told = {
        "stages": ["affine"],
        "input_shape": [64],
        "classes": 10,
        "class_names": None,
        "feature_names": None,
    }
    arrays = {"stages[0].shift": np.zeros(64)}
    save_file(arrays, path, {"interface": json.dumps(told)})
    assert read_interface(path).pipeline.shape == (64,)
    save_file(arrays, path, {"interface": json.dumps(told | {key: value})})
    assert refusal(path) == f"{path} is damaged: {message}"
