"""A network of one's own that draws the same noise every time."""

from __future__ import annotations

from typing import Any

from trainer_cli.checks.own.network import OwnNetwork


class Held:
    """Another network, but for its `noise`, which stays 0 whatever it is set to."""

    def __init__(self, network: OwnNetwork) -> None:
        network.noise = 0
        self._network = network

    @property
    def noise(self) -> int:
        """0, always."""
        return 0

    @noise.setter
    def noise(self, noise: int) -> None:
        """Leave it at 0."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._network, name)
