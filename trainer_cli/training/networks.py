"""The parameters of one or several trained networks, and the file that they are kept in.

M members of a run, F features of one parameter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save

from trainer_cli.nn.layers.place import Array
from trainer_cli.nn.parameters import Parameters

FORMAT = "nntrain/1"


def read_tensors(path: Path) -> tuple[dict[str, str], dict[str, NDArray[Any]]]:
    """Return the metadata of a safetensors file and its arrays by name.

    Raises SafetensorError, TypeError or ValueError for a file that is none, OSError where it cannot
    be read.
    """
    with safe_open(path, framework="numpy") as file:
        names = file.keys()
        return file.metadata() or {}, {name: file.get_tensor(name) for name in names}


@dataclass(frozen=True, kw_only=True)
class Networks:
    """Parameters and running averages of some members of a run.

    flats   each member's, by its number: a flat array laid out as `layout`, the `stored` of one
    of_one  whether the run has a single member
    """

    layout: Parameters
    flats: Mapping[int, Array]
    of_one: bool

    def content(self) -> bytes:
        """Return them as a safetensors file.

        The names are the network's, such as "network[0].weights". A run of one has weights (I, O)
        and biases (O,); several members have (I, M, O) and (M, O), and the metadata "members"
        says which they are: "0,2,3".
        """
        arrays = {}
        for entry in self.layout.everything:
            views = [entry.view(flat) for flat in self.flats.values()]  # (..., 1, F)
            if self.of_one:
                arrays[entry.name] = np.ascontiguousarray(views[0][..., 0, :])
            else:
                arrays[entry.name] = np.concatenate(views, axis=-2)  # (..., M, F)
        if self.of_one:
            return save(arrays, {"format": FORMAT})
        # One entry only: safetensors writes several in an order that changes from run to run.
        return save(arrays, {"members": ",".join(str(member) for member in self.flats)})
