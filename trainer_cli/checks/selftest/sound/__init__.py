"""Sound experiments, on which nothing may fail and next to nothing warn."""

from trainer_cli.checks.selftest.case import Case
from trainer_cli.checks.selftest.sound.layers import LAYERS

SOUND: tuple[Case, ...] = (*LAYERS,)
