"""The engine's exception tree.

Every error knows a few public facts: ``exit_code`` (what the ``obclip`` command ends with), ``status`` (the HTTP
answer), ``code`` (the word in the JSON error body), ``field`` (the request's field at fault, if it is one) and
``retry_after`` (seconds, where a later try may help).
Messages may name positions, limits and names of models or files of the server; they never hold words of a
prompt, since they reach logs and clients.
"""

from __future__ import annotations

from typing import ClassVar

from obclip_contract.errors import ObclipError

__all__ = [
    "BodyTooLargeError",
    "BodyTooSlowError",
    "BucketError",
    "BudgetSpentError",
    "BusyError",
    "CacheShapeError",
    "CancelledError",
    "ConfigError",
    "CostlyError",
    "DeployedError",
    "DeviceMissingError",
    "EngineError",
    "ForbiddenError",
    "GraphError",
    "MediaTypeError",
    "ModelNotLoadedError",
    "NoTokenError",
    "NonFiniteError",
    "PlanUnavailableError",
    "PromptTooLongError",
    "StoppingError",
    "TooLateError",
    "UnavailableError",
    "UnknownPlanError",
    "WrongHostError",
    "WrongModelError",
    "WrongTokenError",
]


class EngineError(ObclipError):
    """Root: the cloud engine could not do what it was asked."""

    exit_code: ClassVar[int] = 1
    status: ClassVar[int] = 500
    code: ClassVar[str] = "engine"
    field: str | None = None
    #: Seconds after which a later try may succeed, where one may.
    retry_after: int | None = None


class ConfigError(EngineError):
    """The engine or server was started with something this machine cannot do."""

    exit_code = 2
    code = "config"


class DeviceMissingError(ConfigError):
    """The machine lacks the device, or the device's library, that was asked for by name."""

    exit_code = 5
    code = "no_device"


class GraphError(EngineError):
    """A graph of the bundle could not be loaded, or does not have the inputs and outputs its manifest states."""

    exit_code = 4
    code = "graph"


class WrongModelError(EngineError):
    """The request asks for another model than the one that this engine serves."""

    exit_code = 3
    status = 404
    code = "wrong_model"
    field = "model"


class UnknownPlanError(EngineError):
    """The request asks for a step plan that this engine does not have; other engines may have it."""

    exit_code = 2
    status = 409
    code = "unknown_plan"
    field = "plan"


class PlanUnavailableError(UnknownPlanError):
    """This engine knows the plan, but its bundle or model lacks a step graph that the plan needs."""


class BucketError(EngineError):
    """A batch that cannot be cut in pieces has more rows than the largest bucket."""

    exit_code = 2
    status = 422
    code = "too_many_rows"
    field = "grid"


class CacheShapeError(EngineError):
    """A step graph gave or was given a cache of another shape than the plan states; nothing is returned."""

    exit_code = 4
    code = "cache_shape"


class PromptTooLongError(EngineError):
    """A member of the set, or the negative prompt, has more tokens than the text encoder takes.

    ``field`` is ``"grid"`` or ``"negative_prompt"``.
    """

    exit_code = 2
    status = 422
    code = "prompt_too_long"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class NonFiniteError(EngineError):
    """The latents overflowed or became NaN; none of them is returned."""

    exit_code = 3
    code = "non_finite"


class CancelledError(EngineError):
    """The caller asked the run to stop before its last step, or left before it began."""

    exit_code = 3
    status = 499  # nginx's "client closed request": nobody is left to read it
    code = "cancelled"


class ModelNotLoadedError(EngineError):
    """This server has the model, and does not serve it at the moment; try again later."""

    exit_code = 3
    status = 503
    code = "model_not_loaded"
    retry_after = 10
    field = "model"


class UnavailableError(EngineError):
    """Of many replicas, none is there for this request, or the one that had it is gone; nothing of it is returned."""

    exit_code = 3
    status = 503
    code = "unavailable"
    retry_after = 2


class DeployedError(EngineError):
    """One replica of many is not changed alone."""

    exit_code = 2
    status = 409
    code = "deployed"


class BusyError(EngineError):
    """As much work is waiting as the server holds, or as can be done in time; try again later."""

    exit_code = 3
    status = 429
    code = "busy"
    retry_after = 2


class BudgetSpentError(EngineError):
    """The token has used up its UNet evaluations for now; try again later."""

    exit_code = 3
    status = 429
    code = "budget"
    retry_after = 2


class CostlyError(EngineError):
    """The request needs more UNet evaluations than this server does for one request."""

    exit_code = 2
    status = 422
    code = "too_costly"


class TooLateError(EngineError):
    """The deadline passed, the client's or the server's; nothing of the request is returned."""

    exit_code = 3
    status = 504
    code = "deadline"


class NoTokenError(EngineError):
    """The server wants a bearer token, and the request has none."""

    exit_code = 3
    status = 401
    code = "no_token"


class WrongTokenError(EngineError):
    """The bearer token is unknown, expired or revoked; which of these is not said."""

    exit_code = 3
    status = 401
    code = "wrong_token"


class ForbiddenError(EngineError):
    """The token is good, and does not allow this."""

    exit_code = 3
    status = 403
    code = "forbidden"


class WrongHostError(EngineError):
    """The request names a host that this server does not answer to."""

    exit_code = 2
    status = 421
    code = "host"


class MediaTypeError(EngineError):
    """The body is not announced as plain JSON."""

    exit_code = 2
    status = 415
    code = "media_type"


class StoppingError(EngineError):
    """The server was stopped before the request was computed; nothing of it is returned."""

    exit_code = 3
    status = 503
    code = "stopping"
    retry_after = 2


class BodyTooLargeError(EngineError):
    """The request body is longer than the contract allows; it was refused while being read."""

    exit_code = 2
    status = 413
    code = "too_large"


class BodyTooSlowError(EngineError):
    """The request body did not arrive in time."""

    exit_code = 3
    status = 408
    code = "too_slow"
