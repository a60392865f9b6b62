"""What training minimizes: one settings class per file."""

from trainer_cli.nn.losses.softmax import Softmax

Loss = Softmax

__all__ = ["Loss", "Softmax"]
