"""What training minimizes: one settings class per file."""

from trainer_cli.nn.losses.class_first import Labels
from trainer_cli.nn.losses.softmax import Softmax
from trainer_cli.nn.losses.squared_svm import SquaredSvm
from trainer_cli.nn.losses.svm import Svm

Loss = Softmax | SquaredSvm | Svm

__all__ = ["Labels", "Loss", "Softmax", "SquaredSvm", "Svm"]
