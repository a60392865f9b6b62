"""PyTorch networks of one's own as text: sound ones of every kind, and one to plant faults in."""

HEAD = """\
from math import prod

import torch
import torch.nn.functional as F
from torch import nn

"""

PLAIN = (
    HEAD
    + """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.a = nn.Linear(inputs, 64)
        self.b = nn.Linear(64, 64)
        self.c = nn.Linear(64, 64)
        self.d = nn.Linear(64, classes)
        self.drop = nn.Dropout(0.5)
        self.norm = nn.BatchNorm1d(64)
        self.start()

    def start(self):
        pass

    def forward(self, x):
        x = F.relu(self.a(x.flatten(1)))
        x = F.relu(self.b(x))
        x = F.relu(self.c(self.norm(x)))
        return self.d(self.drop(x))


def build(input_shape, classes):
    return Net(prod(input_shape), classes)
"""
)

RESIDUAL = """
class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        nn.init.zeros_(self.bn2.weight)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        y += x
        return self.relu(y)


def build(input_shape, classes):
    return nn.Sequential(
        nn.Conv2d(input_shape[0], 8, 3, padding=1), Block(8), Block(8),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, classes),
    )
"""
TRANSFORMER = """
class Net(nn.Module):
    def __init__(self, c, h, w, classes):
        super().__init__()
        self.embed = nn.Linear(c * w, 16)
        self.token = nn.Parameter(torch.zeros(1, 1, 16))
        layer = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(16, classes)

    def forward(self, x):
        rows = self.embed(x.permute(0, 2, 1, 3).flatten(2))
        rows = torch.cat([self.token.expand(len(x), -1, -1), rows], 1)
        return self.head(self.encoder(rows)[:, 0])


def build(input_shape, classes):
    return Net(*input_shape, classes)
"""
RECURRENT = """
class Net(nn.Module):
    def __init__(self, c, h, w, classes):
        super().__init__()
        self.rows = nn.Linear(c * w, 16)
        self.rnn = nn.GRU(16, 16, 2, batch_first=True, bidirectional=True)
        self.head = nn.Linear(32, classes)

    def forward(self, x):
        out, _ = self.rnn(self.rows(x.permute(0, 2, 1, 3).flatten(2)))
        return self.head(out.mean(1))


def build(input_shape, classes):
    return Net(*input_shape, classes)
"""
SHARED = """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.a, self.b, self.act = nn.Linear(inputs, 32), nn.Linear(32, 32), nn.Tanh()
        self.c = nn.Linear(32, classes)

    def forward(self, x):
        x = self.act(self.a(x.flatten(1)))
        for _ in range(3):
            x = self.act(self.b(x))
        return self.c(x)


def build(input_shape, classes):
    return Net(prod(input_shape), classes)
"""
GATED = """
class Gated(nn.Module):
    def __init__(self, units):
        super().__init__()
        self.f, self.g = nn.Linear(units, units), nn.Linear(units, units)
        nn.init.constant_(self.g.bias, -5.0)
        self.scale = nn.Parameter(torch.zeros(1))
        self.inner = nn.Sequential(nn.Linear(units, units), nn.ReLU(), nn.Linear(units, units))

    def forward(self, x):
        open = torch.sigmoid(self.g(x))
        x = open * F.relu(self.f(x)) + (1 - open) * x
        return x + self.scale * self.inner(x)


def build(input_shape, classes):
    return nn.Sequential(
        nn.Flatten(), nn.Linear(prod(input_shape), 32), nn.Tanh(), Gated(32), Gated(32),
        nn.Linear(32, classes),
    )
"""
SEPARABLE = """
def separable(i, o):
    return nn.Sequential(nn.Conv2d(i, i, 3, padding=1, groups=i), nn.Conv2d(i, o, 1), nn.SiLU())


def build(input_shape, classes):
    return nn.Sequential(
        nn.Conv2d(input_shape[0], 8, 3, padding=1), nn.GroupNorm(2, 8), nn.SiLU(),
        separable(8, 16), nn.MaxPool2d(2), separable(16, 16), nn.Dropout2d(0.1),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, classes),
    )
"""
LOW_RANK = """
def build(input_shape, classes):
    return nn.Sequential(
        nn.Flatten(), nn.Linear(prod(input_shape), 16, bias=False), nn.Linear(16, 64), nn.ReLU(),
        nn.Linear(64, classes), nn.LogSoftmax(dim=1),
    )
"""
IN_FLOAT32 = """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.a, self.b = nn.Linear(inputs, 64), nn.Linear(64, classes)

    def forward(self, x):
        return self.b(F.gelu(self.a(x.flatten(1).float())))


def build(input_shape, classes):
    return Net(prod(input_shape), classes)
"""
OWN_PARAMETERS = """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.w1 = nn.Parameter(torch.randn(inputs, 64) * (2 / inputs) ** 0.5)
        self.w2 = nn.Parameter(torch.randn(64, classes) * 0.1)

    def forward(self, x):
        return ((x.flatten(1) * 16 - 8) / 16 @ self.w1).clamp(min=0) @ self.w2


def build(input_shape, classes):
    return Net(prod(input_shape), classes)
"""
LEFT_OUT_AT_TIMES = """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.a, self.b = nn.Linear(inputs, 32), nn.Linear(32, classes)
        self.more = nn.ModuleList([nn.Linear(32, 32) for _ in range(3)])

    def forward(self, x):
        x = F.relu(self.a(x.flatten(1)))
        for each in self.more:
            if not self.training or torch.rand(()) > 0.3:
                x = x + 0.5 * F.relu(each(x))
        return self.b(x)


def build(input_shape, classes):
    return Net(prod(input_shape), classes)
"""
SPECTRAL = """
def build(input_shape, classes):
    normed = nn.utils.parametrizations.spectral_norm
    return nn.Sequential(
        nn.Flatten(), normed(nn.Linear(prod(input_shape), 32)), nn.ReLU(), nn.Linear(32, classes)
    )
"""
SOUND = {
    "plain": PLAIN.removeprefix(HEAD),
    "residual": RESIDUAL,
    "transformer": TRANSFORMER,
    "recurrent": RECURRENT,
    "shared": SHARED,
    "gated": GATED,
    "separable": SEPARABLE,
    "low rank": LOW_RANK,
    "in float32": IN_FLOAT32,
    "parameters of its own": OWN_PARAMETERS,
    "layers left out at times": LEFT_OUT_AT_TIMES,
    "spectral norm": SPECTRAL,
}
