"""A suspicion that a later check bears out is what failed: the symptom points to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from trainer_cli.training.findings import Finding

# What fails, and the warnings before it that say why.
CAUSES: Mapping[str, tuple[str, ...]] = {
    "initial-loss": ("far-out-values", "unscaled-inputs"),
    "input-independence": (
        "unscaled-inputs",
        "dead-units",
        "vanishing-activations",
        "vanishing-gradient",
    ),
    "learning-rate-too-high": ("far-out-values", "unscaled-inputs"),
    "overfit": (
        "blank-examples",
        "constant-features",
        "contradictory-labels",
        "far-out-values",
        "unscaled-inputs",
        "bottleneck",
        "dead-units",
        "vanishing-activations",
        "vanishing-gradient",
    ),
}


def borne_out(findings: Sequence[Sequence[Finding]]) -> list[list[Finding]]:
    """Return the findings of all checks, in their order, with causes put before symptoms.

    A warning that explains a later failure fails with it, and the failure's hint points to it. A
    warning that nothing bears out stays one.
    """
    causes = {
        name: symptom.rule
        for found in findings
        for symptom in found
        if symptom.status == "fail"
        for name in _warned(symptom.rule, findings)
    }
    symptoms = set(causes.values())
    return [[_joined(each, causes, symptoms) for each in found] for found in findings]


def _warned(symptom: str, findings: Sequence[Sequence[Finding]]) -> list[str]:
    names = CAUSES.get(symptom, ())
    return [each.rule for found in findings for each in found if _is_cause(each, names)]


def _is_cause(finding: Finding, names: Sequence[str]) -> bool:
    return finding.status == "warn" and finding.rule in names


def _joined(finding: Finding, causes: Mapping[str, str], symptoms: set[str]) -> Finding:
    symptom = causes.get(finding.rule)
    if symptom is not None and finding.status == "warn":
        return replace(
            finding, status="fail", message=f"{finding.message}; {symptom} fails, and bears it out"
        )
    if finding.rule in symptoms and finding.status == "fail":
        cause = next(name for name, of in causes.items() if of == finding.rule)
        return replace(finding, hint=f"{cause} says why: mend that first")
    return finding
