"""What a network is built from: one settings class per file, each with its working form."""

from trainer_cli.nn.layers.avg_pool import AvgPool
from trainer_cli.nn.layers.batch_norm import BatchNorm
from trainer_cli.nn.layers.conv import Conv
from trainer_cli.nn.layers.dense import Dense
from trainer_cli.nn.layers.dropout import Dropout
from trainer_cli.nn.layers.elu import Elu
from trainer_cli.nn.layers.flatten import Flatten
from trainer_cli.nn.layers.gelu import Gelu
from trainer_cli.nn.layers.leaky_relu import LeakyRelu
from trainer_cli.nn.layers.max_pool import MaxPool
from trainer_cli.nn.layers.maxout import Maxout
from trainer_cli.nn.layers.prelu import Prelu
from trainer_cli.nn.layers.relu import Relu
from trainer_cli.nn.layers.sigmoid import Sigmoid
from trainer_cli.nn.layers.softplus import Softplus
from trainer_cli.nn.layers.tanh import Tanh

Layer = (
    AvgPool
    | BatchNorm
    | Conv
    | Dense
    | Dropout
    | Elu
    | Flatten
    | Gelu
    | LeakyRelu
    | MaxPool
    | Maxout
    | Prelu
    | Relu
    | Sigmoid
    | Softplus
    | Tanh
)

__all__ = [
    "AvgPool",
    "BatchNorm",
    "Conv",
    "Dense",
    "Dropout",
    "Elu",
    "Flatten",
    "Gelu",
    "Layer",
    "LeakyRelu",
    "MaxPool",
    "Maxout",
    "Prelu",
    "Relu",
    "Sigmoid",
    "Softplus",
    "Tanh",
]
