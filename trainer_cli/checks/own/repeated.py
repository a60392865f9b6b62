"""Does a network of one's own give the same when it is asked twice, and leave all as it was?"""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter

import numpy as np

from trainer_cli.checks.own.bench import Bench
from trainer_cli.nn.layers.place import Array
from trainer_cli.training.findings import Finding

EXAMPLES = 20
# What is added up in another order differs by no more than this share.
ROUNDED = 1e-9


def check_repeated(bench: Bench) -> list[Finding]:
    """Return two findings: on what a call leaves behind, and on noise at test time."""
    with np.errstate(all="ignore"):
        return [_side_effects(bench), _noise(bench)]


def _side_effects(bench: Bench) -> Finding:
    begun, rule = perf_counter(), "side-effects"
    network = bench.as_built()
    x, y = bench.evenly(EXAMPLES)
    before = {name: each.copy() for name, each in network.parameters.items()}
    network.scores(x)
    costs, grads = zip(*(network.gradients(x, y) for _ in range(3)), strict=True)
    added = getattr(network, "added", ())
    if added:
        return Finding(
            rule=rule,
            status="fail",
            message=f"loss adds {', '.join(added)} to params",
            hint="params is what is learned: keep what a call makes elsewhere",
            seconds=perf_counter() - begun,
        )
    changed = [n for n, each in network.parameters.items() if not _same(each, before[n])]
    if changed:
        return Finding(
            rule=rule,
            status="fail",
            message=f"loss changes {', '.join(changed)}: params are others after a call",
            hint="leave params as they are in loss: updates are the optimizer's",
            seconds=perf_counter() - begun,
        )
    if getattr(network, "changes_inputs", False):
        return Finding(
            rule=rule,
            status="warn",
            message="loss changes X: the array that it is given is another one after a call",
            hint="work on a copy: X = 0.5 * X makes one, and X *= 0.5 does not",
            seconds=perf_counter() - begun,
        )
    pairs = [(n, a, grads[2][n]) for n, a in grads[0].items() if a is not None]
    others = [n for n, a, b in pairs if b is None or not _same(a, b)]
    if not others and costs[0] == costs[2] and _remembers(bench, before, costs[0], grads[0]):
        return Finding(
            rule=rule,
            status="fail",
            message="what loss(X, y) gives depends on the batch that it was given before",
            hint="keep nothing of a batch for the next call: backward needs what this forward made",
            seconds=perf_counter() - begun,
        )
    if not others or costs[0] != costs[2]:  # what it draws itself, it may draw anew
        message = "a second call gives the same loss and gradients"
        return Finding(rule=rule, status="pass", message=message, seconds=perf_counter() - begun)
    grown = all(b is not None and _same(3 * a, b) for n, a, b in pairs if n in others)
    message = f"the gradients of {', '.join(others)} change from call to call, the loss does not"
    if grown:
        message = f"the gradients of {', '.join(others)} are twice as large in the second call, "
        message += "three times in the third: they are added to those of the calls before"
    return Finding(
        rule=rule,
        status="fail",
        message=message,
        hint="begin with new gradients in every call",
        seconds=perf_counter() - begun,
    )


def _remembers(
    bench: Bench, start: Mapping[str, Array], cost: float, grads: Mapping[str, Array | None]
) -> bool:
    """Whether a network that has seen other examples first gives another loss or gradients."""
    network = bench.as_built()
    for name, values in network.parameters.items():
        values[...] = start[name]
    x, y = bench.evenly(2 * EXAMPLES)
    others = ~np.isin(np.arange(len(x)), np.linspace(0, len(x) - 1, EXAMPLES).astype(np.intp))
    if not others.any():
        return False
    network.gradients(np.resize(x[others], (EXAMPLES, *x.shape[1:])), np.resize(y, EXAMPLES))
    again, after = network.gradients(*bench.evenly(EXAMPLES))
    if not _same(np.array(cost), np.array(again)):
        return True
    pairs = [(each, after[name]) for name, each in grads.items()]
    return any(a is not None and b is not None and not _same(a, b) for a, b in pairs)


def _same(a: Array, b: Array) -> bool:
    if a.shape != b.shape:
        return False
    apart, size = np.abs(a - b).max(initial=0.0), np.abs(a).max(initial=0.0)
    return bool(not apart > ROUNDED * size)


def _noise(bench: Bench) -> Finding:
    begun = perf_counter()
    network = bench.network()
    x, _ = bench.evenly(EXAMPLES)
    answers = []
    for noise in (0, 0, 1, 2):
        network.noise = noise
        answers.append(network.scores(x))
    size = float(np.abs(answers[0]).max(initial=0.0))
    apart = max(float(np.abs(each - answers[0]).max(initial=0.0)) for each in answers)
    good = not apart > ROUNDED * size
    message = f"the scores of an example change by up to {apart:.3g}, of {size:.3g}, from call to "
    message += "call: there is noise in them, as of dropout"
    where = "loss(X) is the network as at test time: " if network.loss_is_own else ""
    hint = f"{where}leave dropout and other noise to training"
    if network.module is not None and not np.array_equal(answers[0], answers[1]):
        message = message.split(": ")[0] + ", though torch and NumPy draw the same numbers: "
        message += "something is kept from an earlier call"
        hint = "begin every forward anew, hidden states too, or draw from torch, which is seeded"
    return Finding(
        rule="noise-at-test-time",
        status="pass" if good else "fail",
        measured=apart,
        message="asked again for the scores, it gives the same" if good else message,
        hint=None if good else hint,
        seconds=perf_counter() - begun,
    )
