"""How much a finding of a rule weighs, which an experiment can decide for itself."""

from typing import Annotated, Literal

from annotated_types import doc

# Of a rule whose findings warn, fail makes failures; of one whose findings fail, warn makes
# warnings; ignore leaves what it finds out of the verdict.
SEVERITIES = ("fail", "warn", "ignore")
Weight = Literal["fail", "warn", "ignore"]

# The worst that a finding of the rule can be, unless the experiment says otherwise.
Severe = Annotated[Weight, doc("worst status of a finding of this rule")]
