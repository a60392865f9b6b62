"""All cases: faults by the place where they lie, then what is sound."""

from trainer_cli.checks.selftest.case import Case
from trainer_cli.checks.selftest.faults import FAULTS
from trainer_cli.checks.selftest.sound import SOUND

CATALOGUE: tuple[Case, ...] = (*FAULTS, *SOUND)
BY_NAME = {case.name: case for case in CATALOGUE}
