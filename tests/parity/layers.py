"""Every layer once more, in the words of PyTorch: from the settings and arrays of one member.

N examples, F features (I in, O out), H W C image height, width and channels, K kernel, P pieces.
Each function takes (settings, own, x, training): `own` maps the names of the layer's parameters
and statistics to tensors in our layout without the member axis, and "noise" to the generator that
the member's dropout draws from; x is (N, F) or (N, H, W, C).
"""

from __future__ import annotations

import numpy as np

from tests.parity.installed import torch
from trainer_cli.nn.layers import (
    AvgPool,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    Elu,
    Flatten,
    Gelu,
    LeakyRelu,
    Maxout,
    MaxPool,
    Prelu,
    Relu,
    Sigmoid,
    Softplus,
    Tanh,
)

F = torch.nn.functional


def channels_first(function):
    """Return `function` for images (N, H, W, C), where it takes (N, C, H, W); vectors go as is.

    Everything is made contiguous: for images one pixel wide that are not, the gradient of PyTorch
    2.13's own batch normalization differs from central differences.
    """

    def of_images(settings, own, x, training):
        if x.ndim == 2:
            return function(settings, own, x, training)
        x = x.permute(0, 3, 1, 2).contiguous()
        return function(settings, own, x, training).permute(0, 2, 3, 1).contiguous()

    return of_images


def linear(settings, own, x, training):
    return F.linear(x.flatten(1), own["weights"].T, own["biases"])


def maxout(settings, own, x, training):
    pieces = linear(settings, own, x, training).unflatten(1, (settings.pieces, settings.units))
    return pieces.max(dim=1).values  # (N, P, O) -> (N, O)


@channels_first
def conv(settings, own, x, training):
    kernel = own["weights"].permute(3, 2, 0, 1).contiguous()  # (K, K, C, F) -> (F, C, K, K)
    padding = settings.padding
    if padding == "same" and (settings.stride > 1 or settings.kernel % 2 == 0):
        # PyTorch refuses the one and warns of the other. The rule is TensorFlow's.
        x = F.pad(x, [zeros for n in (x.shape[3], x.shape[2]) for zeros in same(n, settings)])
        padding = "valid"
    return F.conv2d(x, kernel, own["biases"], settings.stride, padding)


def same(n, settings):
    """Return how many zeros stand before and after n pixels, for ⌈n / stride⌉ windows."""
    windows = -(-n // settings.stride)
    zeros = max((windows - 1) * settings.stride + settings.kernel - n, 0)
    return zeros // 2, zeros - zeros // 2


@channels_first
def batch_norm(settings, own, x, training):
    """PyTorch's momentum is the share of the new value, ours that of the old."""
    return F.batch_norm(
        x,
        own["mean"],
        own["variance"],
        own["gamma"],
        own["beta"],
        training,
        momentum=1 - settings.momentum,
        eps=settings.epsilon,
    )


def dropout(settings, own, x, training):
    """Dropout by our masks in training; in evaluation, PyTorch knows the inverted style alone."""
    if training:
        if not settings.rate:
            return F.dropout(x, 0.0)
        silent = own["noise"].random(tuple(x.shape), dtype=np.float32) < np.float32(settings.rate)
        kept = x.masked_fill(torch.from_numpy(silent), 0)
        return kept if settings.style == "vanilla" else kept / (1 - settings.rate)
    y = F.dropout(x, settings.rate, training=False)
    return y * (1 - settings.rate) if settings.style == "vanilla" else y


FORWARD = {
    AvgPool: channels_first(lambda s, own, x, training: F.avg_pool2d(x, s.size, s.stride)),
    BatchNorm: batch_norm,
    Conv: conv,
    Dense: linear,
    Dropout: dropout,
    Elu: lambda s, own, x, training: F.elu(x, s.alpha),
    Flatten: lambda s, own, x, training: x.flatten(1),
    Gelu: lambda s, own, x, training: F.gelu(x),
    LeakyRelu: lambda s, own, x, training: F.leaky_relu(x, s.slope),
    MaxPool: channels_first(lambda s, own, x, training: F.max_pool2d(x, s.size, s.stride)),
    Maxout: maxout,
    Prelu: channels_first(lambda s, own, x, training: F.prelu(x, own["slopes"])),
    Relu: lambda s, own, x, training: F.relu(x),
    Sigmoid: lambda s, own, x, training: F.sigmoid(x),
    # Beyond the threshold PyTorch returns x; that of its own, 20, is off by 2e-9.
    Softplus: lambda s, own, x, training: F.softplus(x, threshold=40),
    Tanh: lambda s, own, x, training: F.tanh(x),
}
