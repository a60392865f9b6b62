"""Where examples come from: one settings class per file, each able to read itself."""

from trainer_cli.datasets.sources.cifar10 import Cifar10
from trainer_cli.datasets.sources.csv_file import Csv
from trainer_cli.datasets.sources.digits import Digits
from trainer_cli.datasets.sources.mnist import Mnist
from trainer_cli.datasets.sources.npz import Npz
from trainer_cli.datasets.sources.synthetic import Synthetic

Source = Cifar10 | Csv | Digits | Mnist | Npz | Synthetic

__all__ = ["Cifar10", "Csv", "Digits", "Mnist", "Npz", "Source", "Synthetic"]
