"""One of several values that have no order."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from annotated_types import MinLen, doc

from trainer_cli.config.value_text import value_text


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of the listed values, of any kind that the key takes: `{choice: [relu, tanh]}`."""

    type: Literal["choice"] = "choice"
    values: Annotated[tuple[Any, ...], MinLen(1), doc("values to choose from")]

    def at(self, u: float) -> Any:
        """Return the value below which a share `u` of the list lies, 0 <= u < 1."""
        return _recorded(self.values[int(u * len(self.values))])

    def place(self, value: Any) -> None:
        """Return None: the values have no order."""

    def spread(self, count: int) -> list[Any]:
        """Return all values, however many are asked for."""
        return [_recorded(value) for value in self.values]

    def around(self, values: Sequence[Any], tried: int) -> Self:
        """Return the choice between those that are in `values`, of which there is at least one."""
        wanted = {json.dumps(value) for value in values}
        kept = tuple(value for value in self.values if json.dumps(value) in wanted)
        return type(self)(values=kept)

    def text(self) -> str:
        """Return it as text: choice(relu, tanh)."""
        return f"choice({', '.join(value_text(value) for value in self.values)})"

    def written(self) -> dict[str, list[Any]]:
        """Return what a file says for it: {"choice": ["relu", "tanh"]}."""
        return {"choice": self.spread(len(self.values))}


def _recorded(value: Any) -> Any:
    """Return a value as it is when it has been written as JSON and read: lists, no tuples."""
    return json.loads(json.dumps(value))
