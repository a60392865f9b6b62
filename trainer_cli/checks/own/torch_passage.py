"""Follows what a `torch.nn.Module` does to its inputs: functions that it calls, and autograd."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod
from typing import Any

from trainer_cli.checks.own.passage import Op, UntraceableError, narrows
from trainer_cli.checks.own.torch_dropout import DROPOUTS

# What multiplies by weights; a function of the user's own does so if it has a matrix that learns.
MULTIPLYING = ("Addmm", "Addbmm", "Baddbmm", "Bmm", "Convolution", "Mm", "Mv")
END = re.compile(r"Backward\d*$")


@dataclass(kw_only=True)
class _Seen:
    """One value that went through a function: what made it, and where."""

    node: Any
    values: Any
    version: int
    function: str | None
    module: tuple[str, str] | None


@dataclass(kw_only=True)
class _Record:
    """All that was seen in one forward pass; `within` are the modules that are at work."""

    seen: dict[Any, _Seen] = field(default_factory=dict)
    dropouts: dict[Any, tuple[str, float]] = field(default_factory=dict)
    within: list[tuple[tuple[str, str] | None, bool]] = field(default_factory=list)

    def note(self, value: Any, function: str | None) -> None:
        """Keep what a function gave; without a name, what one gave that torch tells nothing of."""
        node = value.grad_fn
        if node is None or value.output_nr or node in self.seen:
            return
        self.seen[node] = _Seen(
            node=node,
            values=value.detach(),
            version=value._version,  # counts what changes it in place
            function=function,
            module=self.within[-1][0] if self.within and function else None,
        )


def follow(module: Any, x: Any, slope: Callable[[Any], Any]) -> list[Op]:
    """Return the operations on the way from the inputs to the scores, from the inputs on.

    `slope` gives the gradient of the summed loss by the scores. Dropout is off.
    Raises UntraceableError where no gradient gets back to the inputs, or something else fails.
    """
    torch = sys.modules["torch"]
    record = _Record()
    hooks: list[Any] = []
    try:
        _watch(torch, module, record, hooks)
        begun = x.clone().requires_grad_().clone()  # a copy may be changed in place
        source = begun.grad_fn
        with _recorder(torch, record):
            scores = module(begun)
        record.note(scores, None)
        if scores.grad_fn is None:
            raise UntraceableError("no gradient gets back from the scores")
        ops, nodes = _graph(record, scores.grad_fn, source)
        _gradients(ops, nodes, scores, slope(scores))
    except UntraceableError:
        raise
    except Exception as error:  # whatever the user's code does when somebody watches it
        raise UntraceableError(f"forward cannot be followed: {type(error).__name__}") from error
    finally:
        for hook in hooks:
            hook.remove()
    return ops


def _watch(torch: Any, module: Any, record: _Record, hooks: list[Any]) -> None:
    """Have every module say when its forward begins and ends; `hooks` are what to remove."""
    for name, each in module.named_modules():
        theirs = type(each).__module__.startswith("torch.")
        told = name and (theirs or not any(True for _ in each.children()))
        calls = [0]

        def enter(
            each: Any,
            _: Any,
            name: str = name,
            told: bool = bool(told),
            calls: list[int] = calls,
        ) -> None:
            calls[0] += 1
            again = f"{name}, call {calls[0]}" if calls[0] > 1 else name
            drops = isinstance(each, torch.nn.modules.dropout._DropoutNd)
            record.within.append(((again, type(each).__name__) if told else None, drops))

        def leave(*_: Any) -> None:
            record.within.pop()

        hooks.append(each.register_forward_pre_hook(enter))
        hooks.append(each.register_forward_hook(leave))


def _recorder(torch: Any, record: _Record) -> Any:
    """Return the context in which every function of torch that is called is noted."""

    class Recorder(torch.overrides.TorchFunctionMode):  # type: ignore[misc]
        def __torch_function__(
            self, function: Any, _: Any, given: Any = (), named: Any = None
        ) -> Any:
            named = named or {}
            name = getattr(function, "__name__", "")
            for each in (*given, *named.values()):
                if isinstance(each, torch.Tensor):
                    record.note(each, None)
            if name in DROPOUTS:
                return _undropped(record, function, *given, **named)
            made = function(*given, **named)
            for each in made if isinstance(made, tuple | list) else (made,):
                if isinstance(each, torch.Tensor):
                    record.note(each, name)
            return made

    return Recorder()


def _undropped(
    record: _Record,
    function: Any,
    given: Any,
    p: float = 0.5,
    training: bool = True,
    *_: Any,
    **__: Any,
) -> Any:
    """Leave a dropout out, and note where it stands, if it is ever active."""
    name, drops = record.within[-1] if record.within else (None, False)
    if p > 0 and (training or drops):
        told = f"{name[0]} ({name[1]})" if name else function.__name__
        record.dropouts[given.grad_fn] = told, p
    return given


def _graph(record: _Record, last: Any, source: Any) -> tuple[list[Op], list[Any]]:
    """Return what lies on a way from `source` to `last`, and autograd's nodes for these."""
    order = _ordered(last)
    on_the_way: dict[Any, Op] = {}
    nodes = []
    for node in order:
        edges = [(each, nr) for each, nr in node.next_functions if each in on_the_way]
        taken = [on_the_way[each] for each, _ in edges]
        if node is not source and not taken:
            continue
        dropout, silent = record.dropouts.get(node, (None, 0.0))
        op = Op(kind=_kind(node), taken=taken, dropout=dropout, silent=silent)
        if node is not source:
            op.weights = _weights(node, on_the_way)
        seen = record.seen.get(node)
        if seen is not None:
            op.function, op.module = seen.function, seen.module
            op.shape = tuple(seen.values.shape)
            if seen.values._version == seen.version:  # not overwritten since
                op.values = seen.values.numpy()
        on_the_way[node] = op
        nodes.append(node)
    if source not in on_the_way:
        raise UntraceableError("no gradient gets back to the inputs")
    ops = list(on_the_way.values())
    for node, op in zip(reversed(nodes), reversed(ops), strict=True):
        for each, nr in node.next_functions:
            if each not in on_the_way:
                continue
            before = on_the_way[each]
            before.given += 1
            if nr:  # of several outputs only the first was kept
                before.values = None
            if each not in record.seen and each is not source:  # a part of what was called
                before.function, before.module = op.function, op.module
    return ops, nodes


def _ordered(last: Any) -> list[Any]:
    """Return autograd's nodes from `last` back, each behind all that it takes in."""
    order, begun, stack = [], set(), [(last, False)]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif node not in begun:
            begun.add(node)
            stack.append((node, True))
            stack += [(each, False) for each, _ in node.next_functions if each is not None]
    return order


def leaves(scores: Any) -> list[Any]:
    """Return the tensors without a history of their own that a gradient of scores comes to."""
    if scores.grad_fn is None:
        return []
    return [each.variable for each in _ordered(scores.grad_fn) if hasattr(each, "variable")]


def _kind(node: Any) -> str:
    return END.sub("", node.name().split("::")[-1])


def _weights(node: Any, on_the_way: dict[Any, Op]) -> tuple[int, ...] | None:
    """Return the shape of the matrix or kernel that a node multiplies by, if it learns one."""
    own = not node.name()[-1].isdigit()  # a torch.autograd.Function of the user's
    if _kind(node) not in MULTIPLYING and not own:
        return None
    asides = [each for each, _ in node.next_functions if each is not None]
    learned = [
        tuple(leaf.variable.shape)
        for aside in asides
        if aside not in on_the_way
        for leaf in _ordered(aside)
        if hasattr(leaf, "variable")
    ]
    return max((each for each in learned if len(each) > 1), key=prod, default=None)


def _gradients(ops: list[Op], nodes: list[Any], scores: Any, slope: Any) -> None:
    """Run backward, and keep the gradients by what everything comes through."""
    node_of = dict(zip(ops, nodes, strict=True))

    def keep(op: Op) -> Callable[[Any], None]:
        def kept(slopes: Any) -> None:
            if slopes[0] is not None:
                op.gradient = slopes[0].detach().clone().numpy()

        return kept

    for op in narrows(ops):
        if op.values is not None:
            node_of[op].register_prehook(keep(op))
    scores.backward(slope)
