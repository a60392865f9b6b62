"""Rules about how the layers of a network are put together."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Gt, Le, doc

from trainer_cli.config.rules.severity import Severe


@dataclass(frozen=True, kw_only=True)
class OutputUnits:
    """The network gives one score for each class, and there are at least two classes.

    Why: The loss compares the score of the right class with those of the others. With more or
    fewer scores than classes it compares the wrong ones; with a single class there is nothing to
    tell apart, and the loss is 0 whatever the network does.
    What to do: End the network with a dense layer of as many units as there are classes.
    Fires on: a network of your own that gives 9 scores for 10 classes; a list of layers that does
    is refused before.
    Source: CS231n, "Linear Classification": f(x, W) maps an image to one score for each class.
    """

    type: Literal["output-units"] = "output-units"
    severity: Severe = "fail"


@dataclass(frozen=True, kw_only=True)
class OutputActivation:
    """No nonlinearity follows the layer that gives the scores.

    Why: Scores are arbitrary real numbers. A sigmoid or a tanh holds them in a narrow range, so
    that the softmax can never be sure; a rectifier cuts off all that speaks against a class, and
    where it is 0 no gradient comes back. The softmax belongs to the loss.
    What to do: Remove the last layer. Before an avg_pool that averages a score over an image it may
    stay.
    Fires on: a network [{type: dense, units: 10}, sigmoid]
    Source: CS231n, "Neural Networks Part 1", naming conventions: "the output layer neurons most
    commonly do not have an activation function".
    """

    type: Literal["output-activation"] = "output-activation"
    severity: Severe = "fail"


@dataclass(frozen=True, kw_only=True)
class MissingNonlinearity:
    """Between two layers with weights stands something that is not linear.

    Why: Two linear layers in a row are one linear layer that is harder to train: what the first one
    costs is wasted. Batch normalization, dropout, flatten and averaging do not change that.
    What to do: Put relu or another nonlinearity behind the first of the two, or leave it out. A
    layer that is narrower than both what it takes in and what the next hidden layer gives saves
    parameters, and is let be.
    Fires on: a network [{type: dense, units: 50}, {type: dense, units: 10}]
    Source: CS231n, "Neural Networks Part 1": without the non-linearity "the two matrices could be
    collapsed to a single matrix".
    """

    type: Literal["missing-nonlinearity"] = "missing-nonlinearity"
    severity: Severe = "warn"


@dataclass(frozen=True, kw_only=True)
class DropoutPlacement:
    """No dropout stands right before batch normalization, and none behind the output layer.

    Why: Dropout makes values vary more in training than in evaluation. Batch normalization learns
    the variance of training and applies it in evaluation, where it is wrong. Behind the output
    layer dropout silences scores, that of the right class too.
    What to do: Move dropout behind the last batch_norm, or behind the nonlinearity and before the
    next layer with weights.
    Fires on: a network [{type: dense, units: 50}, dropout, batch_norm, relu, {type: dense,
    units: 10}]
    Source: Li et al. 2019, "Understanding the Disharmony between Dropout and Batch Normalization by
    Variance Shift". Where weights stand between the two the shift averages out over many units,
    which is not reported.
    """

    type: Literal["dropout-placement"] = "dropout-placement"
    severity: Severe = "warn"


@dataclass(frozen=True, kw_only=True)
class DropoutRate:
    """Dropout leaves enough of a layer for the next one to go by.

    Why: What is silenced says nothing. At a rate of 0.99 a layer of 50 units is silent as a whole
    for six examples in ten, and what is left of the others is noise.
    What to do: Lower the rate: 0.5 is usual in hidden layers, 0.2 on inputs. The rate is the share
    that is silenced; other libraries ask for the share that is kept.
    Fires on: a network [{type: dense, units: 50}, relu, {type: dropout, rate: 0.99}, {type: dense,
    units: 10}]
    Source: Srivastava et al. 2014, "Dropout", appendix A.4 and figure 9: rates of 0.2 to 0.5 are
    usual, and at 0.9 a network of usual width hardly learns. Fewer units than `bottleneck` asks for
    must not be left on average, either.
    """

    type: Literal["dropout-rate"] = "dropout-rate"
    severity: Severe = "warn"
    largest: Annotated[
        float, Gt(0), Le(1), doc("share of silent values from which on it warns")
    ] = 0.9


@dataclass(frozen=True, kw_only=True)
class ConstantInitialization:
    """The weights of hidden layers start different from each other.

    Why: Units that start with the same weights compute the same. Where they also count the same for
    what follows, or where nothing gets through them, they get the same gradient and stay one unit
    for ever.
    What to do: Start from random weights: leave init out, or use he or xavier. Biases may be
    constant, and so may the output layer, as long as the layers below it are random.
    Fires on: --set network.0.init=zeros
    Source: CS231n, "Neural Networks Part 2", "Pitfall: all zero initialization".
    """

    type: Literal["constant-initialization"] = "constant-initialization"
    severity: Severe = "fail"


@dataclass(frozen=True, kw_only=True)
class Bottleneck:
    """Every hidden layer has room for what tells the classes apart.

    Why: All that the output layer knows of an example has gone through the narrowest layer.
    What to do: Give the layer more units.
    Fires on: --set network.0.units=1
    Source: Arithmetic. Units that hold so many values apart from each other tell at most
    values^units classes apart. That of 4 is a choice: with it two units are enough for the ten
    digits, as in pictures of features in the plane (Wen et al. 2016, "A Discriminative Feature
    Learning Approach for Deep Face Recognition", figure 2), and one is not.
    A single value for all of them fails, and a few values for many classes warn.
    """

    type: Literal["bottleneck"] = "bottleneck"
    severity: Severe = "fail"
    values: Annotated[
        float, Gt(1), doc("number of values that a unit is taken to hold apart from each other")
    ] = 4.0


@dataclass(frozen=True, kw_only=True)
class UnregisteredParameters:
    """All that the scores are learned by is among the parameters of the module.

    Why: The optimizer is given the parameters() of the module. A layer in a Python list, or made in
    forward, and a tensor that is no nn.Parameter are not among them: they stay as they begin.
    What to do: Put layers into an nn.ModuleList, nn.ModuleDict or nn.Sequential, make tensors an
    nn.Parameter, and all of them in __init__.
    Fires on: self.hidden = [nn.Linear(64, 64), nn.Linear(64, 64)] in a module.
    Source: PyTorch, nn.Module and nn.ModuleList: modules and parameters that are assigned as
    attributes are registered. Autograd tells what else a gradient comes to.
    """

    type: Literal["unregistered-parameters"] = "unregistered-parameters"
    severity: Severe = "fail"


@dataclass(frozen=True, kw_only=True)
class UnusedInputs:
    """The scores depend on most of what an example holds.

    Why: A slice, an index or a cast to integers that leaves out most of an example leaves out what
    tells the classes apart, and training goes on without it.
    What to do: Look at what forward does first with its input.
    Fires on: x = x[:, :, 0] in a module that is given images.
    Source: The gradient of the scores by the inputs, which is exactly 0 there, and the scores,
    which stay the same when these features are exchanged between examples. The thresholds are
    choices: a convolution that leaves out the border of an image, or a crop to three quarters of
    its height and width, loses less than half.
    """

    type: Literal["unused-inputs"] = "unused-inputs"
    severity: Severe = "fail"
    unusual_share: Annotated[
        float, Gt(0), Le(1), doc("share of the varying features left out beyond which it warns")
    ] = 0.5
    wrong_share: Annotated[
        float, Gt(0), Le(1), doc("share of the varying features left out beyond which it fails")
    ] = 0.95
