"""The cloud engine's exception tree. ``status`` and ``code`` are what HTTP answers."""

from __future__ import annotations

from typing import ClassVar


class EngineError(Exception):
    """Root. Messages never hold words of a prompt."""

    exit_code: ClassVar[int] = 3
    status: ClassVar[int] = 500
    code: ClassVar[str] = "engine_error"


class WrongModelError(EngineError):
    """The request names another model or step plan than this engine runs."""

    status = 409
    code = "wrong_model"


class PromptTooLongError(EngineError):
    """A member or the negative prompt has more tokens than the text encoder reads."""

    status = 422
    code = "prompt_too_long"


class NonFiniteError(EngineError):
    """The computation left the finite numbers; nothing is returned."""

    code = "non_finite"


class BusyError(EngineError):
    """More requests wait than the queue holds."""

    status = 503
    code = "busy"


class BackendError(EngineError):
    """A backend that is not installed, or a bundle without its graphs."""

    exit_code = 4
    code = "backend"
