"""Draws experiments: any part with any settings that its class allows."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import NoneType
from typing import Any

from hypothesis import strategies as st

from trainer_cli.config.experiment import Experiment, Sweep
from trainer_cli.config.parts import Form, Setting, alternatives, settings_of, stripped
from trainer_cli.config.space import Choice, Int, LogInt, LogUniform, Uniform
from trainer_cli.datasets import Augmentation, Data, DataError
from trainer_cli.nn.layers import BatchNorm, Dense, Layer
from trainer_cli.nn.layers.place import Shape, UnfitError

# Text without what no experiment file can hold: NUL and halves of surrogate pairs.
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)
PATHS = TEXT.map(lambda text: Path("/", text)).filter(lambda path: ".." not in path.parts)
NUMBERS = st.floats(1e-300, 1e300)

MOST_WEIGHTS = 100  # classes that weights are written out for

SPACES = st.fixed_dictionaries(
    {"optimizer.learning_rate": st.just(LogUniform(low=1e-7, high=2.5))},
    optional={
        "regularization.l2": st.sampled_from([Uniform(low=0, high=1e30), Choice(values=(0, 1e-5))]),
        "training.batch_size": st.just(Int(low=2, high=50)),
        "seed": st.just(LogInt(low=1, high=50)),
        "loss": st.just(Choice(values=("softmax", {"type": "softmax"}))),
    },
)


def experiments() -> st.SearchStrategy[Experiment]:
    """Return experiments that `load` accepts."""
    settings = {**settings_of(Experiment)}
    drawn = {name: _setting(setting) for name, setting in settings.items() if name != "sweep"}
    drawn["sweep"] = st.none() | st.builds(Sweep, space=SPACES)
    return st.builds(_matched, st.fixed_dictionaries(drawn))


def _matched(values: dict[str, Any]) -> Experiment:
    """Return the experiment with as many outputs, and class weights, as it has classes."""
    data: Data = values["data"]
    classes, loss = data.source.classes_known() or 7, values["loss"]
    if loss.class_weights is not None and classes > MOST_WEIGHTS:
        loss = replace(loss, class_weights=None)
    elif loss.class_weights is not None:
        weights = (*loss.class_weights, *[1.0] * min(classes, 9))[:classes]
        loss = replace(loss, class_weights=weights if len(weights) == classes else None)
    shape = None if data.preprocess_changes_shape() else data.source.shape_known()
    network = (*_fitting(values["network"], shape), Dense(units=classes))
    training, schedule = values["training"], values["schedule"]
    if schedule.warmup >= 1:  # a sweep may ask for as few epochs as one
        schedule = replace(schedule, warmup=0.5)
    if any(isinstance(layer, BatchNorm) for layer in network):
        training = replace(training, batch_size=max(2, training.batch_size))
    if shape is not None:
        data = replace(data, augment=tuple(each for each in data.augment if _suits(each, shape)))
    parts = {"network": network, "loss": loss, "schedule": schedule, "training": training}
    return Experiment(**{**values, **parts, "data": data})


def _suits(augmentation: Augmentation, shape: Shape) -> bool:
    try:
        augmentation.check(shape)
    except DataError:
        return False
    return True


def _fitting(layers: Sequence[Layer], shape: Shape | None) -> Iterator[Layer]:
    """Yield the layers that can take what the one before gives, from a shape if it is known."""
    for layer in layers:
        if shape is not None:
            try:
                shape = layer.output_shape(shape)
            except UnfitError:
                continue
        yield layer


def _setting(setting: Setting) -> st.SearchStrategy[Any]:
    if setting.form is Form.VALUE:
        return _value(setting.annotation)
    if setting.form is Form.VALUES:
        return st.none() | st.lists(_value(setting.item), max_size=3).map(tuple)
    built = st.one_of([_object(cls) for cls in setting.classes])
    if setting.form is Form.PARTS:
        return st.lists(built, min_size=setting.least, max_size=3).map(tuple)
    if setting.form is Form.RULES:
        return st.lists(built, max_size=3, unique_by=type).map(frozenset)
    return built


def _object(cls: type[Any]) -> st.SearchStrategy[Any]:
    """Return objects of a settings class; draws that its own rules refuse are left out."""

    def build(values: dict[str, Any]) -> Any:
        try:
            return cls(**values)
        except ValueError:
            return None

    drawn = {name: _setting(setting) for name, setting in settings_of(cls).items()}
    return st.fixed_dictionaries(drawn).map(build).filter(lambda each: each is not None)


def _value(annotation: Any) -> st.SearchStrategy[Any]:
    kinds = {stripped(each) for each in alternatives(annotation)}
    if Path in kinds:
        return PATHS
    if str in kinds:
        return TEXT if int not in kinds else TEXT | st.integers()
    drawn = st.from_type(annotation)
    finite = drawn.filter(lambda value: not isinstance(value, float) or abs(value) < 1e300)
    return finite | st.none() if NoneType in kinds else finite
