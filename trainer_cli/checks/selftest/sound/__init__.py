"""Sound experiments, on which nothing may fail and next to nothing warn."""

from trainer_cli.checks.selftest.case import Case
from trainer_cli.checks.selftest.sound.data import DATA
from trainer_cli.checks.selftest.sound.layers import LAYERS
from trainer_cli.checks.selftest.sound.networks import NETWORKS
from trainer_cli.checks.selftest.sound.preparation import PREPARATION
from trainer_cli.checks.selftest.sound.training import TRAINING

SOUND: tuple[Case, ...] = (*DATA, *LAYERS, *NETWORKS, *PREPARATION, *TRAINING)
