"""The stack machine of the pickle format, apart from the instructions that it may know."""

import pickletools
from collections.abc import Callable
from typing import Any, NoReturn

from trainer_cli.datasets.formats.pickle_names import RefusedError

STOP = ord(".")
LARGE = 1 << 16  # bytes; no text or name in these files is as long
Actions = dict[int, Callable[["Machine"], None]]


class Machine:
    """The stack machine of the pickle format, as far as plain data needs it."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}

    def run(self, actions: Actions) -> Any:
        """Do what the instructions say until the last one, and return the object on top."""
        data = self.data
        while True:
            opcode = data[self.at]
            self.at += 1
            action = actions.get(opcode)
            if action is None:
                if opcode == STOP:
                    return self.stack.pop()
                self.refuse(opcode)
            action(self)

    def refuse(self, opcode: int) -> NoReturn:
        """Raise RefusedError for an instruction without an action."""
        known = next((op for op in pickletools.opcodes if op.code == chr(opcode)), None)
        if known is None:
            raise RefusedError(f"is not a whole pickle (byte {self.at - 1:,})")
        raise RefusedError(
            f"uses the pickle instruction {known.name}, which plain data never needs"
        )

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes; fewer than asked for is an error."""
        if count > len(self.data) - self.at:
            raise IndexError
        self.at += count
        return self.data[self.at - count : self.at]

    def string(self, count: int) -> bytes | memoryview:
        """Return the next `count` bytes; a view of them when they are many, such as all pixels."""
        if count < LARGE:
            return self.take(count)
        if count > len(self.data) - self.at:
            raise IndexError
        self.at += count
        return memoryview(self.data)[self.at - count : self.at]

    def number(self, width: int, signed: bool = False) -> int:
        """Return the next `width` bytes as a whole number, little end first."""
        return int.from_bytes(self.take(width), "little", signed=signed)

    def line(self) -> str:
        """Return the text up to the next line break."""
        end = self.data.index(b"\n", self.at)
        text = self.take(end - self.at).decode()
        self.at = end + 1
        return text

    def marked(self) -> list[Any]:
        """Pop everything above the last mark."""
        start = self.marks.pop()
        items = self.stack[start:]
        if start > len(self.stack):
            raise IndexError
        del self.stack[start:]
        return items
