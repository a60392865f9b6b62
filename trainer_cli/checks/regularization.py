"""Does regularization add exactly what it promises to the loss and to the gradient?"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import numpy as np

from trainer_cli.checks.cranked import Cranked, cranked, is_weight, off
from trainer_cli.checks.max_norm import check_max_norm
from trainer_cli.checks.untrained import Untrained, untrained
from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import RegularizationGradient, RegularizationLoss, rule_of
from trainer_cli.datasets import Dataset
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.regularization import Penalty, strongest
from trainer_cli.nn.streams import stream
from trainer_cli.training.findings import Finding, loss_text

# A penalty this much smaller than the loss drowns in the rounding of their sum.
DROWNED = 1e-9
# What float64 can resolve: no error smaller than this is worth a number.
EPSILON = float(np.finfo(np.float64).eps)
# Biases start at zero, where a penalty on them would not show; here they get this spread.
BIAS_STD = 0.1


@dataclass(frozen=True, kw_only=True)
class _Pair:
    """The same network with a penalty off and on: its costs, the rise of its gradients.

    `penalty` is what the penalty must be, computed from the weights themselves; `gradients` are
    those without it.
    """

    case: Cranked
    off: float
    on: float
    penalty: float
    gradients: Array
    rise: Array
    network: Untrained


@dataclass(frozen=True, kw_only=True)
class _Error:
    """How far the gradient of one parameter is from what it must be, relative to that.

    `rises` says that the gradient must rise at all.
    """

    size: float
    name: str
    rises: bool
    case: Cranked

    def rank(self) -> tuple[bool, float]:
        """Return a key by which the worst error comes last: NaN, else the largest."""
        return not np.isfinite(self.size), self.size


def check_reg(experiment: Experiment, dataset: Dataset) -> list[Finding]:
    """Return findings: loss and gradient rise by the penalty and no more; units keep max norm.

    The penalties are those of the experiment, on the layers that it says, with the largest
    strength at 1e3 or its own if that is larger; without any, l2 of 1e3. All is computed in
    float64 on up to 1,000 training examples, and what is expected from the weights themselves.
    The third finding is there where the experiment bounds a norm.
    Source: CS231n, "Babysitting the learning process": crank up regularization, the loss goes up.
    """
    with np.errstate(all="ignore"):
        findings = [_loss(experiment, dataset), _gradient(experiment, dataset)]
        if strongest(experiment.regularization, experiment.network).max_norm is not None:
            findings.append(check_max_norm(experiment, dataset))
    return findings


def copies(experiment: Experiment) -> int:
    """Return how many arrays of all parameters are kept beside the network, at most.

    The gradients without penalty, the rise with each case of it, and what is expected.
    """
    held = strongest(experiment.regularization, experiment.network)
    return 5 if held.l1 and held.l2 else 3


def _pairs(experiment: Experiment, dataset: Dataset, bias_std: float) -> list[_Pair]:
    """Compute costs and gradients of the same start, without penalty and with each case of it."""
    network = untrained(experiment, dataset, np.float64)
    parameters = network.stack.network.parameters
    rng = stream(experiment.seed, "check-reg")
    for entry in parameters.entries:
        if not is_weight(entry.name):
            values = entry.view(parameters.values)
            values += bias_std * rng.standard_normal(entry.shape)
    plain = _cost(network, off(experiment).bind(parameters))
    gradients = parameters.gradients.copy()
    return [
        _Pair(
            case=case,
            off=plain,
            on=_cost(network, case.bind(parameters)),
            penalty=sum(case.loss(entry, parameters.values) for entry in parameters.entries),
            gradients=gradients,
            rise=parameters.gradients - gradients,
            network=network,
        )
        for case in cranked(experiment, parameters.entries)
    ]


def _cost(network: Untrained, penalty: Penalty) -> float:
    """Return the cost with a penalty, and fill the gradients."""
    network.stack.penalty = penalty
    return float(network.stack.gradients(*network.feed.fill(network.sample))[0])


def _unjudged(pair: _Pair) -> str | None:
    """Return why a penalty cannot be told from rounding, if it cannot."""
    if not np.isfinite(pair.off):
        return "the initial loss is not finite"
    if not (np.isfinite(pair.penalty) and np.isfinite(pair.on)):
        return f"with {pair.case.text} the penalty is not finite"
    if not pair.penalty > DROWNED * pair.off:
        return f"the penalty, {pair.penalty:.3g}, drowns in the loss, {loss_text(pair.off)}"
    return None


def _skip(rule: str, what: str, pairs: list[_Pair], begun: float) -> Finding:
    if pairs:
        why = _unjudged(pairs[-1])
        hint = "give the weights a sound init and check again (nntrain check-loss)"
        if np.isfinite(pairs[-1].off) and not np.isfinite(pairs[-1].on):
            hint = "lower the strengths of the penalty"
    else:
        why = "every layer has a strength of 0 of its own"
        hint = "remove l2 from the layers that shall be penalized"
    return Finding(
        rule=rule,
        status="skip",
        message=f"whether the penalty is added to the {what} cannot be judged: {why}",
        hint=hint,
        seconds=perf_counter() - begun,
    )


def _loss(experiment: Experiment, dataset: Dataset) -> Finding:
    begun, rule = perf_counter(), "regularization-loss"
    tolerance = rule_of(experiment.checks, RegularizationLoss).tolerance
    pairs = _pairs(experiment, dataset, bias_std=0.0)
    judged = [pair for pair in pairs if _unjudged(pair) is None]
    if not judged:
        return _skip(rule, "loss", pairs, begun)
    wrong = [pair for pair in judged if not _error_of_loss(pair) <= tolerance]
    good, pair = not wrong, wrong[0] if wrong else judged[-1]
    rise, formula = pair.on - pair.off, pair.case.loss_formula
    return Finding(
        rule=rule,
        status="pass" if good else "fail",
        measured=rise,
        expected=pair.penalty,
        threshold=tolerance,
        message=(
            f"with {pair.case.text} the loss goes from {loss_text(pair.off)} "
            f"to {loss_text(pair.on)}, by {rise:.6g}, "
            + (f"which is {formula}" if good else f"but {formula} is {pair.penalty:.6g}")
        ),
        hint=None
        if good
        else "look for a wrong factor, a layer left out, or a penalty on more than the weights",
        seconds=perf_counter() - begun,
        evidence={**pair.case.evidence, "loss_off": pair.off, "loss_on": pair.on},
    )


def _error_of_loss(pair: _Pair) -> float:
    return abs(pair.on - pair.off - pair.penalty) / pair.penalty


def _gradient(experiment: Experiment, dataset: Dataset) -> Finding:
    begun, rule = perf_counter(), "regularization-gradient"
    tolerance = rule_of(experiment.checks, RegularizationGradient).tolerance
    pairs = _pairs(experiment, dataset, bias_std=BIAS_STD)
    judged = [pair for pair in pairs if _unjudged(pair) is None]
    if not judged:
        return _skip(rule, "gradient", pairs, begun)
    worst = max((_worst(pair) for pair in judged), key=_Error.rank)
    good = worst.size <= tolerance
    case = judged[-1].case if good else worst.case
    return Finding(
        rule=rule,
        status="pass" if good else "fail",
        measured=worst.size,
        expected=0.0,
        threshold=tolerance,
        message=_gradient_message(worst, case, good, judged[-1].network),
        hint=None
        if good
        else f"look at the penalty's gradient: it is {case.slope_formula} for weights, "
        f"0 for all other parameters",
        seconds=perf_counter() - begun,
        evidence={**case.evidence, "parameter": worst.name},
    )


def _gradient_message(worst: _Error, case: Cranked, good: bool, network: Untrained) -> str:
    if good:
        names = [entry.name for entry in network.stack.network.parameters.entries]
        only_biases = all(is_weight(name) or name.endswith(".biases") for name in names)
        return (
            f"the gradient of every weight rises by {case.slope_formula}, that of no "
            f"{'bias' if only_biases else 'other parameter'} does "
            f"(largest relative error {max(worst.size, EPSILON):.1e})"
        )
    wrong = f"does not rise by {case.slope_formula}" if worst.rises else "rises, but it must not"
    return f"the gradient of {worst.name} {wrong} (relative error {worst.size:.1e})"


def _worst(pair: _Pair) -> _Error:
    """Return the largest error of a parameter's gradient."""
    parameters, case = pair.network.stack.network.parameters, pair.case
    errors = []
    for entry in parameters.entries:
        expected = case.slope(entry, parameters.values)
        error = float(np.linalg.norm(entry.view(pair.rise) - expected))
        # A rise that is this much smaller than the gradient itself is lost in its rounding.
        rounding = DROWNED * float(np.linalg.norm(entry.view(pair.gradients)))
        rise = float(np.linalg.norm(expected)) or case.largest_slope(entry, parameters.values)
        scale = max(rise, rounding)
        errors.append(
            _Error(
                size=error / scale if scale > 0 else error,
                name=entry.name,
                rises=bool(expected.any()),
                case=case,
            )
        )
    return max(errors, key=_Error.rank)
