"""Does the cost of a network of one's own fall at the file's learning rate, jump, or explode?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter

import numpy as np

from trainer_cli.checks.own.bench import Bench
from trainer_cli.checks.own.flat_start import why_flat
from trainer_cli.checks.own.network import OwnNetwork
from trainer_cli.checks.own.rate_run import UPDATES, Trainer
from trainer_cli.checks.rate_held_back import clipped, stands_still
from trainer_cli.checks.rate_reach import FAR_BETTER, Probe, too_slow
from trainer_cli.checks.rate_unstable import UNSTABLE, unstable
from trainer_cli.checks.settings import schedule_ends_early
from trainer_cli.training.diagnosis.case import Case
from trainer_cli.training.diagnosis.explosion import judge_explosion
from trainer_cli.training.diagnosis.flat import PROBE_GAIN
from trainer_cli.training.diagnosis.flatness import least_progress
from trainer_cli.training.diagnosis.gains import gain_text, present_text
from trainer_cli.training.diagnosis.names import HIGH, INITIAL_LOSS, LOW, passed, skipped
from trainer_cli.training.diagnosis.probe import USUAL, Trial, best_of
from trainer_cli.training.findings import Finding, counted, loss_text

NAMES, FROZEN = (HIGH, LOW, UNSTABLE), "frozen-parameters"
# Of rates that explode lower ones are tried, so many powers of ten down.
FURTHEST = 9
NAMED = 3
# A loss that begins so many times above chance is the initialization's fault.
TWICE = 2.0
# Of the usual rates these are tried where it takes long.
FEW = (1e-3, 0.1)


def check_rate(bench: Bench) -> list[Finding]:
    """Return three findings: too high, too low and unstable, as for a network of layers.

    A further one says which parameters do not learn, by intention, where there are any.
    The first 100 updates are those of the file's optimizer and schedule, by the gradients that the
    network gives; fewer where these take long.
    """
    begun, trainer = perf_counter(), Trainer(bench)
    with np.errstate(all="ignore"):
        if not np.isfinite(trainer.start.cost):
            found = {HIGH: skipped(HIGH, "the initial cost is not finite")}
        else:
            found = {finding.rule: finding for finding in _judge(trainer)}
    wrong = next((rule for rule, each in found.items() if each.status != "pass"), None)
    why = "all examples have the same label" if wrong is None else f"see {wrong}"
    everything = [found.get(name, skipped(name, why)) for name in NAMES]
    everything += [each for rule, each in found.items() if rule not in NAMES]
    everything += _fixed(bench.as_built())
    seconds = (perf_counter() - begun) / len(everything)
    return [replace(finding, seconds=seconds) for finding in everything]


def _judge(trainer: Trainer) -> list[Finding]:
    bench = trainer.bench
    case = Case(
        experiment=bench.experiment,
        history=trainer.beginning(),
        read=lambda: bench.dataset,
        stop=lambda: False,
        train_shortly=trainer.trials,
    )
    high = judge_explosion(case.experiment, case.history)
    if high.rule == INITIAL_LOSS:
        return [skipped(HIGH, high.message)]
    if high.status == "fail":
        return [replace(high, hint=_lower(case))]
    if not case.gainable > 0:
        return [high]
    jumps = unstable(case)
    if jumps is not None:
        return [high, jumps]
    calm = passed(UNSTABLE, "the loss does not jump where it would fall at a lower rate")
    return [high, calm, *_too_low(case, trainer)]


def _lower(case: Case) -> str:
    """Return the hint on a cost that explodes: the first of lower rates at which it falls."""
    worth = least_progress(case.experiment) * case.gainable
    tenths = {float(f"{case.rate / 10**k:.12g}") for k in range(1, FURTHEST + 1)}
    rates = sorted(tenths | {rate for rate in USUAL if rate < case.rate}, reverse=True)
    for rate, next_rate in zip(rates, [*rates[1:], rates[-1] / 10], strict=True):
        (trial,) = case.trials([rate], UPDATES)
        if trial.decrease >= worth:
            best = best_of([trial, *case.trials([next_rate], UPDATES)])
            return f"try optimizer.learning_rate={best.learning_rate:.2g}: {gain_text(best)}"
    return (
        f"no lower rate down to {rates[-1]:.2g} makes progress either: look at the sign of the "
        f"gradient, and at the scale of the inputs and of the initial weights"
    )


def _too_low(case: Case, trainer: Trainer) -> list[Finding]:
    """Judge how far the training will come, against other rates where that is in doubt."""
    probe, start = Probe(case, trainer.affordable), case.history.start
    if probe.reach >= probe.enough:
        return [_moves(case)]
    if start.loss > TWICE * start.constant and case.end.train_loss > start.constant:
        why = f"the loss begins at {start.loss:.4g}, far above what chance gives (initial-loss)"
        return [skipped(LOW, why)]
    tried = case.trials(_around(case.rate, slow=trainer.slow), trainer.affordable)
    own = next(trial for trial in tried if trial.learning_rate == case.rate)
    ending = schedule_ends_early(case.experiment, case.history.setting.steps_per_epoch)
    if ending.status != "pass" and own.decrease >= probe.enough:
        why = (
            f"the schedule ends too early (schedule-ends-early); at its full rate {gain_text(own)}"
        )
        return [skipped(LOW, why)]
    if probe.reach < least_progress(case.experiment) * case.gainable:
        found = _flat(case, tried, own)
    else:
        # From fewer updates than usual it cannot be told how far all of them come.
        slow = too_slow(probe, tried) if trainer.affordable == UPDATES else None
        found = (slow and clipped(case, tried)) or slow or _moves(case)
    if (found.rule, found.status) == (LOW, "warn"):
        reason = why_flat(case, trainer, probe.enough / case.gainable)
        found = found if reason is None else passed(LOW, reason)
    return [found]


def _around(rate: float, *, slow: bool) -> list[float]:
    """Return the rate and others to try, no more than five of a network that takes long."""
    powers, usual = ((-1, 1, 2), FEW) if slow else (range(-3, 4), USUAL)
    return sorted({rate, *usual, *(float(f"{rate * 10.0**k:.12g}") for k in powers)})


def _moves(case: Case) -> Finding:
    return passed(LOW, _went(case), case.learned, least_progress(case.experiment))


def _went(case: Case) -> str:
    start, end = loss_text(case.history.start.loss), loss_text(case.end.train_loss)
    return (
        f"the loss goes from {start} to {end} in the first "
        f"{counted(case.history.updates, 'update')}"
    )


def _flat(case: Case, tried: Sequence[Trial], own: Trial) -> Finding:
    """Return the finding on a loss that has barely moved."""
    least, best = least_progress(case.experiment), best_of(tried)
    worth = max(least * case.gainable, PROBE_GAIN * own.decrease)
    if best.decrease <= worth:
        low, high = (f"{each.learning_rate:g}" for each in (tried[0], tried[-1]))
        why = f"no rate from {low} to {high} does clearly better"
        cut = clipped(case, tried) if _unclipped(case) > worth else None
        cut = cut or stands_still(case, why)
        return cut or skipped(LOW, f"{_went(case)}, and {why}: the rate is not to blame")
    if _keeps_up(case, own, best):
        return _moves(case)
    lower = best.learning_rate < case.rate
    start, end = case.history.start.loss, case.end.train_loss
    return Finding(
        rule=HIGH if lower else LOW,
        status="warn",
        measured=case.learned,
        threshold=least,
        message=f"the loss has barely moved: {start:.6g} to {end:.6g} in "
        f"{counted(case.history.updates, 'update')}; the learning rate {case.rate:g} is too "
        f"{'high' if lower else 'low'}",
        hint=f"try optimizer.learning_rate={best.learning_rate:.2g}: {gain_text(best)}, "
        f"{present_text(own)}",
        evidence={"learning_rate": case.rate, "original_loss": start, "last_loss": end},
    )


def _keeps_up(case: Case, own: Trial, best: Trial) -> bool:
    """Whether a loss that begins above chance falls as fast as at any rate, nearly.

    What it has above chance comes off first, and counts for nothing in what is gained.
    """
    above = case.history.start.loss > case.history.start.constant
    return above and bool(FAR_BETTER * (own.start - own.end) > best.start - best.end > 0)


def _unclipped(case: Case) -> float:
    """Return how far the loss falls where no gradient is clipped, -inf where none is anyway."""
    optimizer = case.experiment.optimizer
    if optimizer.clip_norm is None:
        return -np.inf
    free = replace(case.experiment, optimizer=replace(optimizer, clip_norm=None))
    return case.trials([case.rate], case.history.updates, free)[0].decrease


def _fixed(network: OwnNetwork) -> list[Finding]:
    """Return what is to be said of parameters that are not to learn: that is no mistake."""
    if not network.fixed:
        return []
    names = ", ".join(network.fixed[:NAMED])
    names += f" and {len(network.fixed) - NAMED} more" if len(network.fixed) > NAMED else ""
    learn = f"{counted(len(network.parameters), 'parameter')} to learn"
    return [passed(FROZEN, f"{learn}; {names} to stay as built: requires_grad is off")]
