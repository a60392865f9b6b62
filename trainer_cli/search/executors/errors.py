"""The exception for workers that cannot be had, so that it is told from a fault of the program."""


class WorkersError(ValueError):
    """The workers that were asked for cannot be had; `hint` says what to do."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint
