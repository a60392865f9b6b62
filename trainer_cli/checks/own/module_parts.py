"""Is all that a `torch.nn.Module` learns by known to it, and do its running averages move?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from time import perf_counter
from typing import Any

from trainer_cli.checks.own.bench import Bench
from trainer_cli.training.findings import Finding

# A number of examples that hardly any tensor of a network has rows.
EXAMPLES = 23
NAMED = 3
DEEPEST = 4  # of lists in lists


def check_parts(bench: Bench) -> list[Finding]:
    """Return what is wrong with parameters and with running averages; of NumPy nothing."""
    network = bench.network()
    if network.module is None:
        return []
    x, _ = bench.evenly(EXAMPLES)
    return [_registered(network.module, network.learned_by(x), len(x)), *_moving(network.module)]


def _registered(module: Any, leaves: list[Any], examples: int) -> Finding:
    begun, rule = perf_counter(), "unregistered-parameters"
    known = {id(each) for each in module.parameters()}
    names, unknown = dict(_tensors(module)), {id(each): each for each in leaves}
    loose = [name for place, name in names.items() if place in unknown and place not in known]
    loose += [
        f"a tensor of shape {tuple(each.shape)} made in forward"
        for place, each in unknown.items()
        if place not in known and place not in names and each.shape[:1] != (examples,)
    ]
    if not loose:
        message = f"the scores depend on none but the module's {len(known)} parameters"
        return Finding(rule=rule, status="pass", message=message, seconds=perf_counter() - begun)
    told = ", ".join(loose[:NAMED])
    told += f" and {len(loose) - NAMED} more" if len(loose) > NAMED else ""
    return Finding(
        rule=rule,
        status="fail",
        measured=len(loose),
        message=f"the scores depend on {told}, not among the module's parameters(): no optimizer "
        f"will see {'it' if len(loose) == 1 else 'them'}",
        hint="put layers into an nn.ModuleList, not into a Python list or dict"
        if any("[" in name for name in loose)
        else "make a tensor an nn.Parameter, and layers in __init__, as attributes of the module",
        seconds=perf_counter() - begun,
    )


def _tensors(module: Any) -> Iterator[tuple[int, str]]:
    """Yield the tensors that attributes of a module lead to, and what the user calls them."""
    for prefix, each in module.named_modules():
        for name, value in vars(each).items():
            if not name.startswith("_"):
                yield from _within(value, f"{prefix}.{name}" if prefix else name, DEEPEST)


def _within(value: Any, name: str, deeper: int) -> Iterator[tuple[int, str]]:
    torch = sys.modules["torch"]
    if isinstance(value, torch.Tensor):
        yield id(value), name
    elif isinstance(value, torch.nn.Module):
        for inner, each in value.named_parameters():
            yield id(each), f"{name}.{inner}"
    elif isinstance(value, list | tuple | dict) and deeper:
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, each in items:
            yield from _within(each, f"{name}[{key!r}]", deeper - 1)


def _moving(module: Any) -> Iterator[Finding]:
    """Yield a finding on batch normalization that keeps running averages, where there is any."""
    begun, rule = perf_counter(), "running-averages"
    batch_norm = sys.modules["torch"].nn.modules.batchnorm._BatchNorm
    momenta = {
        f"{name} ({type(each).__name__})": each.momentum
        for name, each in module.named_modules()
        if isinstance(each, batch_norm) and each.track_running_stats
    }
    still = [name for name, momentum in momenta.items() if momentum == 0]
    if not momenta:
        return
    yield Finding(
        rule=rule,
        status="fail" if still else "pass",
        message=f"the running averages of {', '.join(still[:NAMED])} stay as they began: momentum "
        f"is 0, and evaluation goes by them"
        if still
        else "evaluation goes by running averages that every batch moves",
        hint="momentum is the share of the new batch in torch: leave it at 0.1" if still else None,
        seconds=perf_counter() - begun,
    )
