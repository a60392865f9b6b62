"""The place of what cannot be shown: the reason why, for the page to say in one line."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Missing:
    """Something that is not there; `why` is half a sentence, as in "inputs are no images"."""

    why: str
