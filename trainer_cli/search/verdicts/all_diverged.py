"""Did every trial explode?"""

from __future__ import annotations

from collections.abc import Sequence

from trainer_cli.config.experiment import Experiment
from trainer_cli.config.rules import AllTooLow, rule_of
from trainer_cli.nn.regularization import strongest
from trainer_cli.search.trials import Result
from trainer_cli.search.verdicts.facts import RATE, Facts
from trainer_cli.search.verdicts.penalties import full_effect, too_strong
from trainer_cli.search.verdicts.suggestions import number, one_digit, range_to_try
from trainer_cli.training.findings import Finding, counted

L2 = "regularization.l2"
# Four decades below a rate that explodes: from one that is a little too high to what the usual
# recipes start at is one or two, and where the scale of the inputs is wrong it is two more.
LOWER = 1e-4
# Plain steps are stable up to a product of learning rate and l2 of about 2; a penalty that is ten
# times weaker than the bound pulls, but does not throw.
WEAKER = 0.1
# A rate this close below one that explodes is not too low, if nothing was learned at it.
BESIDE = 10.0


def all_diverged(facts: Facts) -> Finding | None:
    """Return a failure if every trial that could be trained exploded.

    It is the same where few came through, at rates right below those that explode, and learned
    nothing; and where successive halving stopped the only ones that did not explode.
    """
    tried = facts.trained
    exploded = [each for each in tried if each.state == "diverged"]
    through = [each for each in tried if each.state == "finished"]
    if not exploded or not all(_ruined(facts, each, exploded) for each in through):
        return None
    if 2 * len(through) >= len(tried):
        return None
    lowest = min(facts.rate(each) for each in exploded)
    text = f"the lowest learning rate that did is {lowest:.3g}"
    if len(exploded) == len(tried):
        many = f"all {len(tried)} trials" if len(tried) > 1 else "the only trial"
        message = f"{many} exploded; the lowest learning rate that was tried is {lowest:.3g}"
    elif through:
        message = f"{len(exploded)} of {len(tried)} trials exploded, the others learned nothing"
    else:
        message = f"all {counted(len(exploded), 'trial')} that halving left exploded"
    return Finding(
        rule="all-diverged",
        status="fail",
        measured=lowest,
        message=message if len(exploded) == len(tried) else f"{message}; {text}",
        hint=_hint(facts, exploded, through),
        evidence={
            "lowest_rate": lowest,
            "updates": [each.updates for each in exploded],
            "costs": [each.cost for each in exploded],
        },
    )


def _ruined(facts: Facts, result: Result, exploded: Sequence[Result]) -> bool:
    """Return whether a trial learned nothing at a rate about as high as those that explode."""
    learned = facts.learned(result)
    if learned is None or learned >= rule_of(facts.rules, AllTooLow).progress:
        return False
    return BESIDE * facts.rate(result) >= min(facts.rate(each) for each in exploded)


def _hint(facts: Facts, trials: Sequence[Result], through: Sequence[Result]) -> str:
    if all(each.original_cost is None for each in trials):
        return (
            "the cost is not finite before the first update, whatever the rate: look at the scale "
            "of the inputs, of the initial weights and of the penalty (nntrain check-loss)"
        )
    pulls = [_pull(facts.experiment(each)) for each in trials]
    if all(pull > bound for pull, bound in pulls):
        pull, bound = min(pulls)
        text = (
            f"learning rate times l2 is {pull:.3g} or more, and above {bound:.3g} the penalty "
            f"alone throws the weights further with every update: "
        )
        top = one_digit(WEAKER * bound / max(facts.rate(each) for each in trials), up=False)
        if L2 in facts.ranges:
            return f"{text}try {range_to_try(L2, one_digit(LOWER * top, up=False), top)}"
        return f"{text}try --set {L2}={number(top)}"
    strong = too_strong(facts, through) if through and full_effect(facts, through) else ""
    if strong:
        return strong
    searched = facts.ranges.get(RATE)
    lowest = min(facts.rate(each) for each in facts.trained)
    top = one_digit(lowest if searched is None else searched.low, up=False)
    return f"search lower rates: {range_to_try(RATE, one_digit(LOWER * top, up=False), top)}"


def _pull(experiment: Experiment) -> tuple[float, float]:
    """Return learning rate times l2, and above which value of it the weights only grow."""
    optimizer = experiment.optimizer
    pull = optimizer.learning_rate * _l2(experiment)
    if optimizer.largest_pull is None or optimizer.clip_norm is not None:
        return pull, float("inf")
    return pull, float(optimizer.largest_pull)


def _l2(experiment: Experiment) -> float:
    return strongest(experiment.regularization, experiment.network).l2
