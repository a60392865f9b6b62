"""What messages call a layer, so that it can be found in the file."""

from collections.abc import Sequence

from trainer_cli.nn.layers import Layer


def called(network: Sequence[Layer], i: int) -> str:
    """Return the name of a layer: network[1] (relu)."""
    return f"network[{i}] ({network[i].type})"
