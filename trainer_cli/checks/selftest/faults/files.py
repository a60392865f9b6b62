"""Faults in experiment files, each a change of one or two keys."""

from trainer_cli.checks.selftest.case import Case
from trainer_cli.checks.selftest.faults.architecture import ARCHITECTURE
from trainer_cli.checks.selftest.faults.initialization import INITIALIZATION
from trainer_cli.checks.selftest.faults.rates import RATES

FILES: tuple[Case, ...] = (*INITIALIZATION, *ARCHITECTURE, *RATES)
