"""The experiment without what makes its training random or soft, for checks that judge the rest."""

from dataclasses import replace

from trainer_cli.config.experiment import Experiment
from trainer_cli.nn.layers import Dropout
from trainer_cli.nn.losses import Softmax


def without_noise(experiment: Experiment) -> Experiment:
    """Return the experiment without dropout, augmentation and label smoothing.

    The layers stay, with a rate of 0, so that every parameter keeps its name.
    """
    network = tuple(
        replace(layer, rate=0.0) if isinstance(layer, Dropout) else layer
        for layer in experiment.network
    )
    loss = experiment.loss
    if isinstance(loss, Softmax):
        loss = replace(loss, label_smoothing=0.0)
    data = replace(experiment.data, augment=())
    return replace(experiment, network=network, loss=loss, data=data)
