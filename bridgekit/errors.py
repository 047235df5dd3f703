"""Every error a user can meet: what was attempted, the value or command, and a way out."""

from __future__ import annotations


class BridgekitError(Exception):
    """Base of all errors; `exit_code` is what the command line answers with."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  hint: {self.hint}" if self.hint else self.message


class RunError(BridgekitError):
    """A step failed; what had been done was taken back."""


class OutputError(BridgekitError):
    """What there is to say cannot be written."""


class InputError(BridgekitError):
    """Bad input; nothing was tried."""

    exit_code = 2


class HostError(BridgekitError):
    """The host is not ready (not root, something missing); nothing was tried."""

    exit_code = 3
