"""What a torch.nn.Module leaves out, drops, cuts off or keeps is told by its name."""

from __future__ import annotations

import pytest

from tests.checks.own.planting import NUMBER, checked, wrong
from tests.checks.own.test_torch_signals import FIRST
from tests.checks.own.torch_modules import HEAD
from tests.config.reading import load_text
from trainer_cli.checks.own.steps import own_steps
from trainer_cli.checks.preflight import check_all
from trainer_cli.config.problems import ExperimentError
from trainer_cli.training.data import read

pytest.importorskip("torch")

NETWORK, GRAD = ["network"], ["network", "loss", "grad"]
NET = (
    HEAD
    + """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.a = nn.Linear(inputs, 32)
        self.b = nn.Linear(32, 32)
        self.c = nn.Linear(32, classes)
        self.more()

    def more(self):
        pass

    def middle(self, x):
        return self.b(x)

    def forward(self, x):
        x = x.flatten(1)
        x = F.relu(self.a(x))
        x = F.relu(self.middle(x))
        return self.c(x)


def build(input_shape, classes):
    return Net(prod(input_shape), classes)
"""
)
FLAT = "        x = x.flatten(1)\n"
MIDDLE = "        return self.b(x)\n"
MORE = "        pass\n"


def planted(*changes):
    source = NET
    for right, fault in changes:
        assert source.count(right) == 1, right
        source = source.replace(right, fault)
    return source


FAULTS = {
    "layers in a list": (
        [
            (MORE, "        self.many = [nn.Linear(32, 32)]\n"),
            (MIDDLE, "        return self.many[0](x)\n"),
        ],
        NETWORK,
        (
            "unregistered-parameters",
            "fail",
            "the scores depend on many[#].weight, many[#].bias, not among the module's "
            "parameters(): no optimizer will see them",
            "put layers into an nn.ModuleList, not into a Python list or dict",
        ),
    ),
    "a tensor that is no parameter": (
        [
            (MORE, "        self.gain = torch.ones(32, requires_grad=True)\n"),
            (MIDDLE, "        return self.b(x) * self.gain\n"),
        ],
        NETWORK,
        (
            "unregistered-parameters",
            "fail",
            "the scores depend on gain, not among the module's parameters(): no optimizer will see "
            "it",
            "make a tensor an nn.Parameter, and layers in __init__, as attributes of the module",
        ),
    ),
    "a tensor made in forward": (
        [(MIDDLE, "        return self.b(x) * torch.ones(32, requires_grad=True)\n")],
        NETWORK,
        (
            "unregistered-parameters",
            "fail",
            "the scores depend on a tensor of shape (#,) made in forward, not among the module's "
            "parameters(): no optimizer will see it",
            "make a tensor an nn.Parameter, and layers in __init__, as attributes of the module",
        ),
    ),
    "copied experts": (
        [
            (
                MORE,
                "        import copy\n"
                "        self.b = nn.ModuleList(copy.deepcopy(self.b) for _ in range(2))\n",
            ),
            (MIDDLE, "        return self.b[0](x) + self.b[1](x)\n"),
        ],
        NETWORK,
        (
            "constant-initialization",
            "fail",
            "b.#.weight and b.#.weight start equal and get the same gradient: they stay equal",
            "build each anew, so that each draws its own weights, instead of copying one",
        ),
    ),
    "momentum of 0": (
        [
            (MORE, "        self.norm = nn.BatchNorm1d(32, momentum=0.0)\n"),
            (MIDDLE, "        return self.norm(self.b(x))\n"),
        ],
        NETWORK,
        (
            "running-averages",
            "fail",
            "the running averages of norm (BatchNorm#d) stay as they began: momentum is #, and "
            "evaluation goes by them",
            "momentum is the share of the new batch in torch: leave it at 0.1",
        ),
    ),
    "a slice of the inputs": (
        [(FLAT, "        x = F.pad(x.flatten(1)[:, :16], (0, 48))\n")],
        NETWORK,
        (
            "unused-inputs",
            "warn",
            "the scores do not depend on # of the # features that vary: # of the input is never "
            "used",
            "look at what forward does first with its input: a slice, an index, a cast to "
            "integers, a reshape that leaves part of it out",
        ),
    ),
    "dropout of nearly everything": (
        [(MIDDLE, "        return F.dropout(self.b(x), 0.99, self.training)\n")],
        NETWORK,
        (
            "dropout-rate",
            "warn",
            "dropout silences # of the values: of # about # are left, which can hardly tell # "
            "classes apart",
            "lower p, the share that is silenced, not the one that is kept: 0.5 is usual, and 0.2 "
            "on inputs",
        ),
    ),
    "activations thrown away": (
        [
            ("F.relu(self.a(x))", "F.leaky_relu(self.a(x), 1.0)"),
            ("F.relu(self.middle(x))", "F.leaky_relu(self.middle(x), 1.0)"),
        ],
        NETWORK,
        (
            "missing-nonlinearity",
            "warn",
            "the scores are linear in the inputs: a (Linear), b (Linear), c (Linear) together are "
            "as good as one layer",
            "nothing between them bends: is what an activation returns used, x = F.relu(x), and is "
            "its negative slope below 1?",
        ),
    ),
    "scores next to nothing": (
        [("return self.c(x)", "return self.c(x) / 1000")],
        NETWORK,
        (
            "output-activation",
            "warn",
            "c (Linear) gives scores of a standard deviation of #, of which # is left at the end: "
            "learning is # times slower",
            "remove the division, or whatever makes the scores so small",
        ),
    ),
    "softmax over the examples": (
        [("return self.c(x)", "return self.c(x).softmax(0)")],
        NETWORK,
        (
            "output-activation",
            "fail",
            "the scores of every class are positive and add up to # over the examples: a softmax "
            "stands behind the last layer, and over the wrong axis",
            "remove what stands behind the last layer: the softmax loss takes the scores "
            "themselves",
        ),
    ),
    "clamped scores": (
        [("return self.c(x)", "return (5 * self.c(x)).clamp(-1, 1)")],
        NETWORK,
        (
            "output-activation",
            "fail",
            "all scores lie between # and #: something bounds them, such as a tanh or a clamp",
            "remove what stands behind the last layer: the softmax loss takes the scores "
            "themselves",
        ),
    ),
    "a state that is kept": (
        [
            (MORE, "        self.state = 0.0\n"),
            (
                MIDDLE,
                "        y = self.b(x) + self.state\n"
                "        self.state = y.detach().mean(0)\n        return y\n",
            ),
        ],
        NETWORK,
        (
            "noise-at-test-time",
            "fail",
            "the scores of an example change by up to #, of #, from call to call, though torch and "
            "NumPy draw the same numbers: something is kept from an earlier call",
            "begin every forward anew, hidden states too, or draw from torch, which is seeded",
        ),
    ),
    "no number": (
        [(FLAT, FLAT + "        x = torch.log(x)\n")],
        GRAD,
        (
            "initial-loss",
            "fail",
            "the initial loss is nan: log before a (Linear) makes NaN of values from # to #: # of "
            "what it gives",
            "logarithms and roots need what is positive, and quotients what is not 0: clamp it, or "
            "add a small constant",
        ),
    ),
    "round": (
        [(MIDDLE, "        return self.b(torch.sigmoid(x).round())\n")],
        GRAD,
        (
            "gradient-at-start",
            "fail",
            "the cost depends on a.weight, a.bias only in steps, so that no gradient comes back to "
            "them: a step function is in the way (round before b (Linear))",
            "put something smooth in its place, as softmax for argmax or a sigmoid for a "
            "comparison, or give it a gradient of its own",
        ),
    ),
    "argmax": (
        [(MIDDLE, "        return self.b(F.one_hot(x.argmax(1), 32).to(x.dtype))\n")],
        GRAD,
        (
            "gradient-at-start",
            "fail",
            "the cost depends on a.weight, a.bias only in steps, so that no gradient comes back to "
            "them: a step function is in the way (argmax, a comparison, or a cast to integers)",
            "put something smooth in its place, as softmax for argmax or a sigmoid for a "
            "comparison, or give it a gradient of its own",
        ),
    ),
    "all detached": (
        [("return self.c(x)", "return self.c(x).detach()")],
        GRAD,
        (
            "gradient-at-start",
            "fail",
            "no parameter has a gradient",
            "the scores are detached from the graph, by detach(), .data, torch.no_grad() or NumPy",
        ),
    ),
    "all but a bias frozen": (
        [
            (
                MORE,
                "        self.requires_grad_(False)\n        self.c.bias.requires_grad_(True)\n",
            )
        ],
        ["network", "loss", "baseline"],
        (
            "input-independence",
            "fail",
            "on # examples the cost falls to # with their inputs, to # with zeros in their place: "
            "no rate makes anything of the inputs",
            "only c.bias can learn: requires_grad is off for the other 5",
        ),
    ),
    "the mean of what was normalized": (
        [
            (
                "return self.c(x)",
                "return self.c(F.layer_norm(x, (32,)).mean(1, keepdim=True).expand(-1, 32))",
            )
        ],
        ["activations"],
        (
            "vanishing-activations",
            "fail",
            "the activations vanish: their standard deviation falls from # at the input to # at "
            "mean before c (Linear)",
            "mean before c (Linear) takes away in one step what tells the examples apart: the mean "
            "of what was normalized just before is always the same",
        ),
    ),
    "relu of minus relu": (
        [(MIDDLE, "        return self.b(F.relu(-x))\n")],
        ["network", "activations"],
        (
            "dead-units",
            "fail",
            "# of the units of relu before b (Linear) are dead: they give the same for every "
            "example",
            "nothing that it is given is above 0 (from # to 0): look at the sign of what comes "
            "before it",
        ),
    ),
}
SOUND = {
    "dropout that training alone calls": [
        (MIDDLE, "        return F.dropout(self.b(x), 0.5, training=self.training)\n")
    ],
    "copies behind each other": [
        (MORE, "        import copy\n        self.d = copy.deepcopy(self.b)\n"),
        (MIDDLE, "        return self.b(F.relu(self.d(x)))\n"),
    ],
    "a crop of most of it": [(FLAT, "        x = F.pad(x.flatten(1)[:, 16:], (0, 16))\n")],
    "a residual branch that starts at 0": [
        (MORE, "        self.gate = nn.Parameter(torch.zeros(()))\n"),
        ("F.relu(self.middle(x))", "x + self.gate * F.relu(self.middle(x))"),
    ],
    "a layer in a dict of modules": [
        (MORE, '        self.b = nn.ModuleDict({"b": self.b})\n'),
        (MIDDLE, '        return self.b["b"](x)\n'),
    ],
    "blocks left out at random": [
        (
            MIDDLE,
            "        out = self.training and torch.rand(()) < 0.3\n"
            "        return x if out else x + self.b(x)\n",
        )
    ],
}


@pytest.mark.parametrize(("changes", "chosen", "told"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_named(changes, chosen, told, tmp_path):
    *said, hint = wrong(checked(tmp_path, planted(*changes), FIRST, chosen=chosen))[0]
    assert tuple(said) == told[:3]
    assert NUMBER.sub("#", hint) == NUMBER.sub("#", told[3])


@pytest.mark.parametrize("changes", SOUND.values(), ids=SOUND)
def test_what_is_sound_is_let_be(changes, tmp_path):
    chosen = ["network", "loss", "grad", "activations", "baseline", "independence", "overfit"]
    assert wrong(checked(tmp_path, planted(*changes), FIRST, chosen=chosen)) == []


@pytest.mark.parametrize(
    ("changes", "message", "hint"),
    [
        (
            [
                (
                    MIDDLE,
                    "        y = torch.sigmoid(self.b(x))\n        y.mul_(2)\n        return y\n",
                )
            ],
            "backward raised RuntimeError: what line # makes is changed in place afterwards (+=, "
            "mul_, relu_, inplace=True), but backward needs it as it was",
            "in backward of your own; nntrain only called it",
        ),
        (
            [(MIDDLE, "        return self.b(F.embedding(x.long() - 9, self.b.weight)[:, 0])\n")],
            "forward raised IndexError: index out of range in self",
            "in forward of your own; nntrain only called it",
        ),
        (
            [
                (
                    MORE,
                    "        self.layers = [self.a, self.b, self.c]\n"
                    "        del self.a, self.b, self.c\n",
                )
            ],
            "the module has no parameters",
            "layers are attributes of the module, or in an nn.ModuleList, and made in __init__: "
            "those in a Python list, or made in forward, are not registered",
        ),
        (
            [(MORE, "        self.requires_grad_(False)\n")],
            "the module has no parameters that learn",
            "requires_grad is off for all 6",
        ),
    ],
)
def test_what_cannot_be_asked_is_told_at_its_line(changes, message, hint, tmp_path):
    (tmp_path / "net.py").write_text(planted(*changes), encoding="utf-8")
    loaded = load_text(tmp_path, FIRST)
    with pytest.raises(ExperimentError) as raised:
        check_all(
            loaded.experiment,
            read(loaded.experiment),
            seeds=1,
            chosen=["network", "loss", "grad"],
            steps=own_steps(loaded.own),
        )
    (problem,) = raised.value.problems
    assert (NUMBER.sub("#", problem.message), problem.hint) == (message, hint)
