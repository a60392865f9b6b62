"""The gradient of a large first layer piece by piece, each used while it is in the cache."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from trainer_cli.nn.layers.dense import DenseAtWork
from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.network import Network
from trainer_cli.nn.parameters import Part

# I inputs of the first layer, M members, O units, R rows of its weights (I, M, O).
# So many bytes of weights are a piece: with their gradient, penalty and velocity they are near what
# the second-level cache of a processor holds.
PIECE = 1 << 19
# In fewer rows, products are slower: for each one BLAS copies the gradient of the outputs.
FEWEST_ROWS = 384
# So many bytes are worth it. All that belongs to fewer weights is near the cache anyway.
WORTH_IT = 5 * PIECE
# Sums over the units of M members are fast in a matrix whose rows can be laid side by side.
SIDE_BY_SIDE = 64


class Pieces:
    """All that a network learns in parts: the first weights, some rows at a time, and the rest.

    parts  the pieces in their order; the last part is the rest
    """

    def __init__(self, network: Network, layer: DenseAtWork, rows: int) -> None:
        """Take so many rows for a piece of the first weights, those of `layer`."""
        parameters = network.parameters
        first = parameters.entries[0]
        self._network, self._number, self._layer = network, first.layer, layer
        inputs = first.shape[0]
        self._rows = [slice(i, min(i + rows, inputs)) for i in range(0, inputs, rows)]
        pieces = [parameters.rows_of_first(own) for own in self._rows]
        self._gradients = [piece.entries[0].view(piece.gradients) for piece in pieces]
        self.parts = [*pieces, parameters.after_first()]

    def backward(self, d: Array) -> Iterator[Part]:
        """Yield each part as soon as it has its gradient, from `d`, that of the scores (N, M, C).

        The gradient of a piece holds until the next part is asked for.
        """
        *pieces, rest = self.parts
        d = self._network.backward_to(self._number, d)
        wanted = zip(self._rows, self._gradients, strict=True)
        for piece, _ in zip(pieces, self._layer.backward_in_pieces(d, wanted), strict=True):
            yield piece
        yield rest


def in_pieces(network: Network) -> Pieces | None:
    """Return the pieces of a network, or None where they bring nothing.

    They do if the first weights are large, and belong to a dense layer that needs no gradient of
    its input.
    """
    for entry in network.parameters.entries[:1]:
        layer = network.layers[entry.layer]
        width = prod(entry.shape[1:])  # M·O
        row = width * network.parameters.values.itemsize
        if isinstance(layer, DenseAtWork) and layer.dx is None and entry.shape[0] * row >= WORTH_IT:
            rows = max(PIECE // row, FEWEST_ROWS)
            return Pieces(network, layer, -(-rows // SIDE_BY_SIDE) * SIDE_BY_SIDE)
    return None
