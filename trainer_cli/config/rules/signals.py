"""Rules about signals on their way through the layers, and gradients on their way back."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, doc

from trainer_cli.config.rules.ordered import require_at_least, require_at_most
from trainer_cli.config.rules.severity import Severe


@dataclass(frozen=True, kw_only=True)
class VanishingActivations:
    """In the untrained network the activations keep their size up to the last layer with weights.

    Why: Where all activations are next to 0, the scores do not depend on the inputs, and neither do
    the gradients of the weights: nothing is learned, or only after a long flat start.
    What to do: Leave init out (he before relu, xavier before tanh and sigmoid), or put batch_norm
    behind every layer with weights.
    Fires on: nntrain check-activations --set network.0.init='{type: normal, std: 1e-8}'
    Source: CS231n, "Neural Networks Part 2", section Weight Initialization; Glorot & Bengio 2010,
    section 4.2. Relu and tanh networks of two hidden layers and more on the digits: below 0.0005
    none learned in 15 epochs, above 0.002 all did. One hidden layer is judged by `wrong_share`
    alone: the lecture's network learns at 0.005, and any does that is not at 0.
    """

    type: Literal["vanishing-activations"] = "vanishing-activations"
    severity: Severe = "fail"
    unusual_share: Annotated[
        float,
        Ge(0),
        Le(1),
        doc("share of the inputs' standard deviation, or of 1 if less, below which it warns"),
    ] = 1e-3
    wrong_share: Annotated[float, Ge(0), Le(1), doc("share below which it fails")] = 1e-6

    def __post_init__(self) -> None:
        require_at_most(self, "wrong_share", "unusual_share")


@dataclass(frozen=True, kw_only=True)
class ExplodingActivations:
    """In the untrained network no layer makes the activations many times as large as the inputs.

    Why: Scores that are far apart begin with a loss far above that of chance, which the first
    updates only undo; larger ones explode at any rate, or overflow.
    What to do: Leave init out (he before relu, xavier before tanh and sigmoid), scale the inputs,
    or put batch_norm behind every layer with weights.
    Fires on: nntrain check-activations --set network.0.init='{type: normal, std: 1000}'
    Source: CS231n, "Neural Networks Part 2", section Weight Initialization. On the digits, networks
    above a hundred began with a loss that the first updates only undid, and those above 3,000
    diverged at every rate; the usual initializers stay below 3.
    """

    type: Literal["exploding-activations"] = "exploding-activations"
    severity: Severe = "fail"
    unusual_growth: Annotated[
        float,
        Gt(0),
        doc("multiple of the inputs' standard deviation, or of 1 if more, above which it warns"),
    ] = 1e2
    wrong_growth: Annotated[float, Gt(0), doc("multiple from which on it fails")] = 3e3

    def __post_init__(self) -> None:
        require_at_least(self, "wrong_growth", "unusual_growth")


@dataclass(frozen=True, kw_only=True)
class SaturatedUnits:
    """Most values of tanh and sigmoid layers lie where these have a slope.

    Why: At their ends tanh and sigmoid are flat: whatever gradient arrives there is multiplied by
    almost 0, and the layers below do not learn.
    What to do: Start with smaller weights (init: xavier), scale the inputs (standardize), or put
    batch_norm before the nonlinearity; where it came up in training, lower the learning rate.
    Fires on: nntrain check-activations --set network.1=tanh
    --set network.0.init='{type: normal, std: 10}'
    Source: CS231n, "Neural Networks Part 1", section Commonly used activation functions. Under
    xavier 3 % of the first tanh layer's values are saturated, with weights of std 1.0 in the
    lecture's example 92 %; after healthy training it is a sixth at most.
    """

    type: Literal["saturated-units"] = "saturated-units"
    severity: Severe = "fail"
    unusual_share: Annotated[
        float, Gt(0), Le(1), doc("share of a layer's values above which it warns")
    ] = 0.5
    wrong_share: Annotated[
        float,
        Gt(0),
        Le(1),
        doc("share from which on an untrained network fails, and a trained one that learned warns"),
    ] = 0.8

    def __post_init__(self) -> None:
        require_at_least(self, "wrong_share", "unusual_share")


@dataclass(frozen=True, kw_only=True)
class DeadUnits:
    """In every layer that feeds another most units answer to their inputs.

    Why: A unit that gives the same for every example says nothing about any of them, and behind a
    relu that never opens no gradient comes back to open it. Where even the first layer gives the
    same for all, the examples are the same.
    What to do: Center the inputs, start biases at 0 or slightly above and weights not at 0, or use
    leaky_relu; where units died in training, lower the learning rate or what pulls weights to 0.
    Fires on: nntrain check-activations
    --set network.0.bias_init='{type: constant, value: -100}'
    Source: CS231n, "Neural Networks Part 1", section Commonly used activation functions: with too
    high a rate as much as 40 % of a network can be dead. At the start centered inputs leave hardly
    a unit dead, and healthy training kills up to a sixth.
    """

    type: Literal["dead-units"] = "dead-units"
    severity: Severe = "fail"
    unusual_share: Annotated[
        float, Ge(0), Le(1), doc("share of a layer's units above which it warns")
    ] = 0.5
    wrong_share: Annotated[
        float, Gt(0), Le(1), doc("share from which on an untrained network fails")
    ] = 1.0

    def __post_init__(self) -> None:
        require_at_least(self, "wrong_share", "unusual_share")


@dataclass(frozen=True, kw_only=True)
class IdenticalUnits:
    """The units of a layer differ from each other, at the start and after training.

    Why: Units with the same weights give the same, get the same gradient and stay equal for ever:
    a layer of a hundred of them is a layer of one.
    What to do: Start with random weights; leave init out for those that fit the nonlinearity.
    Fires on: nntrain check-activations --set network.0.init='{type: constant, value: 0.01}'
    Source: CS231n, "Neural Networks Part 2", section Weight Initialization, pitfall: all zero
    initialization. Random weights are never equal; narrow layers on few inputs may have a pair of
    units that gives the same.
    """

    type: Literal["identical-units"] = "identical-units"
    severity: Severe = "fail"
    wrong_share: Annotated[
        float, Gt(0), Le(1), doc("share of a layer's units above which it fails")
    ] = 0.3


@dataclass(frozen=True, kw_only=True)
class VanishingGradient:
    """The gradient's norm at the first hidden layer is not far below that at the last.

    Why: Layers whose gradient is a hundredth of that of others learn a hundredth as fast: the first
    layers, which all others build on, stay as random as they began.
    What to do: Use relu instead of sigmoid or tanh, leave init out, or put batch_norm behind every
    layer with weights.
    Fires on: nntrain check-activations --set network='[{type: dense, units: 50}, sigmoid,
    {type: dense, units: 50}, sigmoid, {type: dense, units: 50}, sigmoid, {type: dense, units: 50},
    sigmoid, {type: dense, units: 50}, sigmoid, {type: dense, units: 10}]'
    Source: Glorot & Bengio 2010, section 4.2; CS231n, "Neural Networks Part 2". On the digits,
    networks above 0.02 all learned, below 0.005 none but two of tanh; the lecture's ten layers with
    std 0.01 are at 1e-6.
    """

    type: Literal["vanishing-gradient"] = "vanishing-gradient"
    severity: Severe = "fail"
    unusual_share: Annotated[
        float, Ge(0), Le(1), doc("share of the norm in the last hidden layer below which it warns")
    ] = 1e-2
    wrong_share: Annotated[
        float, Ge(0), Le(1), doc("share below which an untrained network fails")
    ] = 1e-5

    def __post_init__(self) -> None:
        require_at_most(self, "wrong_share", "unusual_share")


@dataclass(frozen=True, kw_only=True)
class ExplodingGradient:
    """The gradient's norm at the first hidden layer is not far above that at the last.

    Why: A rate that suits the last layer throws the first ones off, and one that suits the first
    moves the last hardly at all.
    What to do: Start with smaller weights, put batch_norm behind every layer with weights, or bound
    the gradient (optimizer.clip_norm); where it came up in training, lower the learning rate.
    Fires on: ten layers of 50 elu units with weights of std 0.5.
    Source: Pascanu et al. 2013, "On the difficulty of training recurrent neural networks". On the
    digits, networks with the default initializers begin below 6 and end below 20.
    """

    type: Literal["exploding-gradient"] = "exploding-gradient"
    severity: Severe = "warn"
    unusual_growth: Annotated[
        float, Gt(1), doc("multiple of the norm in the last hidden layer above which it warns")
    ] = 100.0
