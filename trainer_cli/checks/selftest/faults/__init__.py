"""Faults, by the place where they lie: each a sound experiment with one thing wrong."""

from trainer_cli.checks.selftest.case import Case
from trainer_cli.checks.selftest.faults.files import FILES
from trainer_cli.checks.selftest.faults.networks import NETWORKS

FAULTS: tuple[Case, ...] = (*FILES, *NETWORKS)
