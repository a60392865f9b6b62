"""Reads the data in a CIFAR-10 batch's pickle without unpickling: there is nothing to execute.

`pickle.Unpickler` with a restricted `find_class` still builds real NumPy objects from a state that
the file chooses and reserves whatever memory an opcode asks for. This reader knows the opcodes that
plain containers, numbers, strings and one uint8 array need, and stands in for the four names such
files mention; every other opcode or name is an error.
"""

import codecs
from collections.abc import Callable
from typing import Any

import numpy as np

from trainer_cli.datasets.formats.pickle_machine import Actions, Machine
from trainer_cli.datasets.formats.pickle_names import NAMES, Array, RefusedError, Uint8


def read_plain_pickle(data: bytes) -> Any:
    """Return the object in `data`; strings of Python 2 are bytes, arrays are uint8.

    Raises RefusedError for a pickle that is damaged or asks for anything but plain data.
    """
    machine = Machine(data)
    try:
        return machine.run(ACTIONS)
    except RefusedError:
        raise
    except (IndexError, KeyError, TypeError, ValueError, AttributeError):
        raise RefusedError(f"is not a whole pickle (byte {machine.at:,})") from None


def _push(value: Any) -> Callable[[Machine], None]:
    return lambda m: m.stack.append(value)


def _number(width: int, signed: bool = False) -> Callable[[Machine], None]:
    return lambda m: m.stack.append(m.number(width, signed))


def _bytes(width: int) -> Callable[[Machine], None]:
    return lambda m: m.stack.append(m.string(m.number(width)))


def _text(width: int) -> Callable[[Machine], None]:
    return lambda m: m.stack.append(codecs.decode(m.take(m.number(width)), "utf-8"))


def _get(width: int) -> Callable[[Machine], None]:
    return lambda m: m.stack.append(m.memo[m.number(width)])


def _put(width: int) -> Callable[[Machine], None]:
    return lambda m: m.memo.__setitem__(m.number(width), m.stack[-1])


def _tuple(length: int) -> Callable[[Machine], None]:
    def act(m: Machine) -> None:
        if length > len(m.stack):
            raise IndexError
        m.stack[len(m.stack) - length :] = [tuple(m.stack[len(m.stack) - length :])]

    return act


def _extend(m: Machine, items: list[Any]) -> None:
    target = m.stack[-1]
    if not isinstance(target, list):
        raise TypeError
    target.extend(items)


def _set_items(m: Machine, items: list[Any]) -> None:
    target = m.stack[-1]
    # Nested tuples as keys could take for ever to hash.
    if not isinstance(target, dict) or not all(isinstance(k, bytes | str) for k in items[::2]):
        raise TypeError
    target.update(zip(items[::2], items[1::2], strict=True))


def _push_name(m: Machine, module: Any, name: Any) -> None:
    if not isinstance(module, str) or not isinstance(name, str):
        raise TypeError
    full = f"{module}.{name}"
    if full not in NAMES:
        raise RefusedError(
            f"is a pickle that asks for {full!r}, which CIFAR-10 files never need; "
            "nothing was executed"
        )
    m.stack.append(NAMES[full])


def _reduce(m: Machine) -> None:
    arguments = m.stack.pop()
    function = m.stack.pop()
    if not isinstance(arguments, tuple) or function not in NAMES.values():
        raise TypeError
    m.stack.append(function(*arguments))


def _build(m: Machine) -> None:
    state = m.stack.pop()
    target = m.stack[-1]
    if isinstance(target, Uint8):
        return  # its state is byte order and alignment, which one byte has not
    if not isinstance(target, Array):
        raise TypeError
    _version, shape, dtype, columns_first, raw = state
    if not (isinstance(dtype, Uint8) and isinstance(raw, bytes | memoryview)):
        raise TypeError
    if not all(type(length) is int and length >= 0 for length in shape):
        raise TypeError
    order: Any = "F" if columns_first is True else "C"
    target.values = np.frombuffer(raw, np.uint8).reshape(shape, order=order)


ACTIONS: Actions = {
    ord(opcode): action
    for opcode, action in {
        "\x80": lambda m: m.refuse(0x80) if m.number(1) > 5 else None,  # PROTO
        "\x95": lambda m: m.number(8) and None,  # FRAME: a promise for buffering only
        "(": lambda m: m.marks.append(len(m.stack)),  # MARK
        "N": _push(None),
        "\x88": _push(True),
        "\x89": _push(False),
        "J": _number(4, signed=True),  # BININT
        "K": _number(1),
        "M": _number(2),
        "\x8a": lambda m: m.stack.append(m.number(m.number(1), signed=True)),  # LONG1
        "U": _bytes(1),  # SHORT_BINSTRING
        "T": _bytes(4),
        "C": _bytes(1),  # SHORT_BINBYTES
        "B": _bytes(4),
        "\x8e": _bytes(8),
        "\x8c": _text(1),  # SHORT_BINUNICODE
        "X": _text(4),
        "]": lambda m: m.stack.append([]),
        "a": lambda m: _extend(m, [m.stack.pop()]),  # APPEND
        "e": lambda m: _extend(m, m.marked()),
        "}": lambda m: m.stack.append({}),
        "s": lambda m: _set_items(m, [m.stack.pop(-2), m.stack.pop()]),  # SETITEM
        "u": lambda m: _set_items(m, m.marked()),
        ")": _push(()),
        "t": lambda m: m.stack.append(tuple(m.marked())),  # TUPLE
        "\x85": _tuple(1),
        "\x86": _tuple(2),
        "\x87": _tuple(3),
        "q": _put(1),  # BINPUT
        "r": _put(4),
        "\x94": lambda m: m.memo.__setitem__(len(m.memo), m.stack[-1]),  # MEMOIZE
        "h": _get(1),  # BINGET
        "j": _get(4),
        "c": lambda m: _push_name(m, m.line(), m.line()),  # GLOBAL
        "\x93": lambda m: _push_name(m, m.stack.pop(-2), m.stack.pop()),  # STACK_GLOBAL
        "R": _reduce,
        "b": _build,
    }.items()
}
