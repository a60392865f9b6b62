"""What a network is built from: one settings class per file, each with its working form."""

from trainer_cli.nn.layers.dense import Dense
from trainer_cli.nn.layers.relu import Relu
from trainer_cli.nn.layers.sigmoid import Sigmoid
from trainer_cli.nn.layers.tanh import Tanh

Layer = Dense | Relu | Sigmoid | Tanh

__all__ = ["Dense", "Layer", "Relu", "Sigmoid", "Tanh"]
