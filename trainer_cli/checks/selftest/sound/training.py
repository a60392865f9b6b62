"""Sound experiments with every loss, optimizer, schedule and penalty, and batches of all sizes."""

from __future__ import annotations

from trainer_cli.checks.selftest.case import Case
from trainer_cli.checks.selftest.files import BLOBS, DIGITS


def _sound(name: str, *sets: str, file: str = DIGITS) -> Case:
    return Case(name=name, kind="sound", file=file, sets=sets)


TRAINING = (
    _sound("svm loss", "loss=svm", "optimizer.learning_rate=0.01"),
    _sound("squared svm loss", "loss=squared_svm", "optimizer.learning_rate=0.003"),
    _sound("label smoothing", "loss={type: softmax, label_smoothing: 0.1}"),
    _sound(
        "class weights",
        "loss={type: softmax, class_weights: [1, 1, 2, 1, 1, 1, 1, 1, 3, 1]}",
    ),
    _sound("svm with class weights", "loss={type: svm, class_weights: [1, 2, 1]}", file=BLOBS),
    _sound("sgd", "optimizer={type: sgd, learning_rate: 0.3}"),
    _sound(
        "nesterov, cosine with warm-up",
        "optimizer={type: nesterov, learning_rate: 0.05}",
        "schedule={type: cosine, warmup: 1}",
    ),
    _sound("adam", "optimizer={type: adam, learning_rate: 0.003}"),
    _sound(
        "adam with clipping",
        "optimizer={type: adam, learning_rate: 0.003, clip_norm: 1}",
    ),
    _sound(
        "adamw, linear with warm-up",
        "optimizer={type: adamw, learning_rate: 0.005}",
        "schedule={type: linear, warmup: 0.5}",
        "training.epochs=6",
    ),
    _sound(
        "rmsprop, square root",
        "optimizer={type: rmsprop, learning_rate: 0.002}",
        "schedule={type: sqrt, warmup: 0.5}",
    ),
    _sound(
        "adagrad, inverse time",
        "optimizer={type: adagrad, learning_rate: 0.03}",
        "schedule={type: inverse_time, rate: 0.3, warmup: 0.2}",
    ),
    _sound(
        "exponential decay",
        "schedule={type: exponential, factor: 0.9, warmup: 1}",
        "training.epochs=20",
    ),
    _sound(
        "exponential decay of a hundred epochs",
        "schedule={type: exponential, factor: 0.9}",
        "training.epochs=100",
    ),
    _sound(
        "steps down",
        "schedule={type: step, factor: 0.1, every: 8, warmup: 1}",
        "training.epochs=20",
    ),
    _sound("cyclic rate", "schedule={type: cyclic, period: 2, warmup: 0.5}", "training.epochs=8"),
    _sound("restarts", "schedule={type: cosine, period: 2, growth: 2}", "training.epochs=14"),
    _sound("constant rate after warm-up", "schedule={type: constant, warmup: 1.5}"),
    _sound("momentum 0.99", "optimizer={type: momentum, learning_rate: 0.003, momentum: 0.99}"),
    _sound(
        "l2 and early stopping", "regularization.l2=1e-3", "training.early_stopping={patience: 2}"
    ),
    _sound("elastic net", "regularization={l1: 1e-5, l2: 1e-4}"),
    _sound("max norm", "regularization.max_norm=4"),
    _sound("l2 of one layer", "network.0.l2=1e-3", "network.2.max_norm=3"),
    _sound("weight decay", "optimizer.weight_decay=1e-2"),
    _sound("float64", "training.precision=float64"),
    _sound("full batch", "training.batch_size=1258", "training.epochs=100"),
    _sound(
        "full batch, asked for by the number of all examples",
        "training.batch_size=1797",
        "training.epochs=100",
        "optimizer.learning_rate=0.1",
    ),
    _sound(
        "batches of one",
        "training.batch_size=1",
        "training.epochs=10",
        "optimizer={type: sgd, learning_rate: 0.02}",
        file=BLOBS,
    ),
    _sound(
        "batches of four during a warm-up",
        "loss=svm",
        "optimizer={type: momentum, learning_rate: 0.002}",
        "schedule={type: linear, warmup: 1}",
        "training.batch_size=4",
    ),
    _sound("five members", "training.members=5"),
)
