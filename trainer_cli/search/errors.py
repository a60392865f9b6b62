"""What can go wrong with those who work on a sweep, told from faults of the program."""


class WorkersError(Exception):
    """The workers that were asked for cannot be had; `hint` says what to do."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


class WorkerLostError(Exception):
    """A stack could not be trained: whoever works on it dies."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint
