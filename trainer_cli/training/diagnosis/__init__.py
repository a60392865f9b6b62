"""What the history of a training run says, in words and with evidence: one rule per file."""

from trainer_cli.training.diagnosis.explosion import judge_explosion
from trainer_cli.training.diagnosis.judgement import diagnose, diagnose_from
from trainer_cli.training.diagnosis.live import live
from trainer_cli.training.diagnosis.names import BACKGROUND, RULES

__all__ = ["BACKGROUND", "RULES", "diagnose", "diagnose_from", "judge_explosion", "live"]
