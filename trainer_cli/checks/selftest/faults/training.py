"""Faults in the training loop, planted in what moves parameters and in what fills batches."""

from __future__ import annotations

from trainer_cli.checks.selftest import feeds, optimizers
from trainer_cli.checks.selftest.case import Case, Plant
from trainer_cli.checks.selftest.files import DIGITS
from trainer_cli.checks.selftest.optimizers import with_fault

SGD = "optimizer={type: sgd, learning_rate: 0.1}"
ADAM = "optimizer={type: adam, learning_rate: 0.001}"
RMSPROP = "optimizer={type: rmsprop, learning_rate: 0.001}"
DECAYING = "optimizer={type: adamw, learning_rate: 0.001, weight_decay: 0.1}"
CLIPPING = "optimizer={type: sgd, learning_rate: 0.1, clip_norm: 1.0}"
COSINE = "schedule=cosine"


def _fault(name: str, plant: Plant, rule: str, *sets: str, file: str = DIGITS) -> Case:
    return Case(name=name, kind="training loop", rules=(rule,), file=file, sets=sets, plant=plant)


def _update(name: str, fault: optimizers.Fault, rule: str, *sets: str, file: str = DIGITS) -> Case:
    return _fault(name, with_fault(fault), rule, *sets, file=file)


UPDATES = (
    _update("gradient ascent", optimizers.ascent, "update-direction"),
    _update("Adam goes up the gradient", optimizers.ascent, "update-direction", ADAM),
    _update("first layer never updated", optimizers.first_layer_left_out, "frozen-parameters"),
    _update("last layer never updated", optimizers.last_layer_left_out, "frozen-parameters", ADAM),
    _update("biases never updated", optimizers.biases_left_out, "frozen-parameters", SGD),
    _update("gradient clipped to zero", optimizers.clipped_to_zero, "frozen-parameters"),
    _update("velocity shared by members", optimizers.shared_state, "member-independence"),
    _update("moments shared by members", optimizers.shared_state, "member-independence", ADAM),
    _update("rate shared by members", optimizers.rate_of_the_first, "member-independence"),
    _update("momentum never used", optimizers.forgotten, "update-formula"),
    _update("momentum that grows", optimizers.growing, "update-formula"),
    _update("moments lost at every update", optimizers.forgotten, "update-formula", ADAM),
    _update("Adam without correction", optimizers.uncorrected, "update-formula", ADAM),
    _update("decay of biases", optimizers.decay_of_biases, "update-formula", DECAYING),
    _update(
        "decay through Adam's moments",
        optimizers.decay_by_the_gradient,
        "update-formula",
        DECAYING,
    ),
    _update("every update done twice", optimizers.twice, "update-formula", SGD),
    _update("schedule ignored", optimizers.schedule_ignored, "update-formula", COSINE),
    _update("schedule multiplied in twice", optimizers.schedule_twice, "update-formula", COSINE),
    _update("norm clipped value by value", optimizers.clipped_by_value, "update-formula", CLIPPING),
    _update("division by a root of zero", optimizers.not_a_number, "update-formula", RMSPROP),
    _update("gradients never set to zero", optimizers.accumulated, "update-formula", SGD),
    _update("gradients without their sign", optimizers.absolute, "update-direction", SGD),
)

BATCHES = (
    _fault("inputs and labels of a batch apart", feeds.apart_in_a_batch, "batch-contents"),
    _fault("labels of the batch before", feeds.labels_of_the_batch_before, "batch-contents"),
    _fault("always the same batch", feeds.always_the_same_batch, "batch-contents"),
    _fault("half of the examples never drawn", feeds.half_left_out, "batch-contents"),
    _fault("augmentation mixes examples", feeds.shuffled_inputs, "batch-contents"),
)

TRAINING = (*UPDATES, *BATCHES)
