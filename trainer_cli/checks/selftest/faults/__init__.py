"""Faults, by the place where they lie: each a sound experiment with one thing wrong."""

from trainer_cli.checks.selftest.case import Case
from trainer_cli.checks.selftest.faults.backward import BACKWARD
from trainer_cli.checks.selftest.faults.calls import CALLS
from trainer_cli.checks.selftest.faults.data import DATA
from trainer_cli.checks.selftest.faults.files import FILES
from trainer_cli.checks.selftest.faults.networks import NETWORKS
from trainer_cli.checks.selftest.faults.parts import PARTS
from trainer_cli.checks.selftest.faults.splits import SPLITS
from trainer_cli.checks.selftest.faults.tables import TABLES
from trainer_cli.checks.selftest.faults.training import TRAINING

FAULTS: tuple[Case, ...] = (
    *DATA,
    *TABLES,
    *SPLITS,
    *FILES,
    *NETWORKS,
    *BACKWARD,
    *CALLS,
    *PARTS,
    *TRAINING,
)
