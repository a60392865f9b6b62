"""What a sweep may draw a setting from."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Gt, MinLen, doc


@dataclass(frozen=True, kw_only=True)
class Uniform:
    """A number between low and high, all equally likely: `{uniform: [low, high]}`."""

    type: Literal["uniform"] = "uniform"
    low: Annotated[float, doc("smallest number that is drawn")]
    high: Annotated[float, doc("number that stays above all that are drawn")]

    def __post_init__(self) -> None:
        _refuse_unordered(self.low, self.high)


@dataclass(frozen=True, kw_only=True)
class LogUniform:
    """A number whose logarithm is uniform: `{log_uniform: [low, high]}`.

    Right for settings that act by their size, such as learning rates and penalties.
    Source: CS231n, "Neural Networks Part 3", section Hyperparameter optimization.
    """

    type: Literal["log_uniform"] = "log_uniform"
    low: Annotated[float, Gt(0), doc("smallest number that is drawn")]
    high: Annotated[float, Gt(0), doc("number that stays above all that are drawn")]

    def __post_init__(self) -> None:
        _refuse_unordered(self.low, self.high)


@dataclass(frozen=True, kw_only=True)
class Int:
    """A whole number from low to high, both included: `{int: [low, high]}`."""

    type: Literal["int"] = "int"
    low: Annotated[int, doc("smallest whole number that is drawn")]
    high: Annotated[int, doc("largest whole number that is drawn")]

    def __post_init__(self) -> None:
        _refuse_unordered(self.low, self.high)


@dataclass(frozen=True, kw_only=True)
class LogInt:
    """A whole number whose logarithm is about uniform: `{log_int: [low, high]}`, both included."""

    type: Literal["log_int"] = "log_int"
    low: Annotated[int, Gt(0), doc("smallest whole number that is drawn")]
    high: Annotated[int, Gt(0), doc("largest whole number that is drawn")]

    def __post_init__(self) -> None:
        _refuse_unordered(self.low, self.high)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of the listed values, of any kind that the key takes: `{choice: [relu, tanh]}`."""

    type: Literal["choice"] = "choice"
    values: Annotated[tuple[Any, ...], MinLen(1), doc("values to choose from")]


Distribution = Choice | Int | LogInt | LogUniform | Uniform


def _refuse_unordered(low: float, high: float) -> None:
    if not low < high:
        bounds = " and ".join(str(bound).removesuffix(".0") for bound in (low, high))
        raise ValueError(f"low must be less than high, got {bounds}")
