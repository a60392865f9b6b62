"""Faults in experiment files: how the layers are put together, and what the loss asks of them."""

from __future__ import annotations

from trainer_cli.checks.selftest.case import REFUSED, Case
from trainer_cli.checks.selftest.files import CONVOLUTIONAL, DIGITS

HIDDEN, OUTPUT = "{type: dense, units: 50}", "{type: dense, units: 10}"


def _fault(name: str, *layers: str, rules: tuple[str, ...], file: str = DIGITS) -> Case:
    sets = (f"network=[{', '.join(layers)}]",)
    return Case(name=name, kind="experiment file", rules=rules, file=file, sets=sets)


def _changed(name: str, change: str, *rules: str) -> Case:
    return Case(name=name, kind="experiment file", rules=rules, file=DIGITS, sets=(change,))


ARCHITECTURE = (
    _fault("relu on the scores", HIDDEN, "relu", OUTPUT, "relu", rules=("output-activation",)),
    _fault(
        "sigmoid on the scores", HIDDEN, "relu", OUTPUT, "sigmoid", rules=("output-activation",)
    ),
    _fault("softmax as a layer", HIDDEN, "relu", OUTPUT, "softmax", rules=(REFUSED,)),
    Case(
        name="sigmoid before an svm loss",
        kind="experiment file",
        rules=("output-activation",),
        file=DIGITS,
        sets=(f"network=[{HIDDEN}, relu, {OUTPUT}, sigmoid]", "loss=svm"),
    ),
    _fault("no nonlinearity", HIDDEN, OUTPUT, rules=("missing-nonlinearity",)),
    _fault(
        "batch norm in place of a nonlinearity",
        HIDDEN,
        "batch_norm",
        OUTPUT,
        rules=("missing-nonlinearity",),
    ),
    _fault(
        "two convolutions without a nonlinearity",
        "{type: conv, filters: 4}",
        "{type: conv, filters: 4}",
        "relu",
        "max_pool",
        "flatten",
        OUTPUT,
        rules=("missing-nonlinearity",),
        file=CONVOLUTIONAL,
    ),
    _fault(
        "dropout before batch norm",
        HIDDEN,
        "dropout",
        "batch_norm",
        "relu",
        OUTPUT,
        rules=("dropout-placement",),
    ),
    _fault("dropout on the scores", HIDDEN, "relu", OUTPUT, "dropout", rules=(REFUSED,)),
    _fault(
        "dropout of 0.99",
        HIDDEN,
        "relu",
        "{type: dropout, rate: 0.99}",
        OUTPUT,
        rules=("dropout-rate",),
    ),
    _fault(
        "dropout of 0.9 meant as what is kept",
        "{type: dropout, rate: 0.9}",
        HIDDEN,
        "relu",
        OUTPUT,
        rules=("dropout-rate",),
    ),
    _fault(
        "bottleneck of one unit",
        HIDDEN,
        "relu",
        "{type: dense, units: 1}",
        "relu",
        OUTPUT,
        rules=("bottleneck",),
    ),
    _fault(
        "all of an image pooled to one value",
        "{type: conv, filters: 1}",
        "relu",
        "{type: avg_pool, size: 8}",
        "flatten",
        OUTPUT,
        rules=("bottleneck",),
        file=CONVOLUTIONAL,
    ),
    _fault(
        "more pooling than there is image",
        "{type: conv, filters: 4}",
        "relu",
        "max_pool",
        "max_pool",
        "max_pool",
        "max_pool",
        "flatten",
        OUTPUT,
        rules=(REFUSED,),
        file=CONVOLUTIONAL,
    ),
    _changed("nine outputs for ten classes", "network.2.units=9", REFUSED),
    _changed(
        "a class weighted to nothing",
        "loss={type: softmax, class_weights: [1e-6, 1, 1, 1, 1, 1, 1, 1, 1, 1]}",
        "class-weights",
        "overfit",
    ),
    _changed(
        "a class weighted above all others",
        "loss={type: softmax, class_weights: [1e6, 1, 1, 1, 1, 1, 1, 1, 1, 1]}",
        "class-weights",
        "overfit",
    ),
    _changed(
        "labels smoothed to nothing",
        "loss={type: softmax, label_smoothing: 0.99}",
        "label-smoothing",
    ),
    _changed("an svm margin of 1e-6", "loss={type: squared_svm, margin: 1e-6}", "svm-margin"),
    _fault(
        "the image pooled to a single value",
        "{type: max_pool, size: 8}",
        HIDDEN,
        "relu",
        OUTPUT,
        rules=("bottleneck",),
    ),
    _changed(
        "a single principal direction",
        "data.preprocess=[{type: scale, by: 16}, {type: pca, dimensions: 1}]",
        "bottleneck",
    ),
    _fault(
        "averages of batch norm that lag behind",
        HIDDEN,
        "{type: batch_norm, momentum: 0.99999}",
        "relu",
        OUTPUT,
        rules=("running-averages",),
    ),
    Case(
        name="batch norm in batches of two",
        kind="experiment file",
        rules=("batch-norm-values",),
        file=DIGITS,
        sets=(f"network=[{HIDDEN}, relu, {OUTPUT}, batch_norm]", "training.batch_size=2"),
    ),
)
