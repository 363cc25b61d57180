"""The one exception tree: its root, and the contract's own part of it."""

from __future__ import annotations

from typing import ClassVar

__all__ = ["BundleError", "ContractError", "ObclipError", "RequestError", "ResponseError", "SamplerError"]


class ObclipError(Exception):
    """Root of everything that is raised on purpose. The number is ``exit_code``: what ``obclip`` ends with.

    1 a fault of the program or the machine, 2 the user's input, 3 the cloud, 4 a bundle, a graph or a checkpoint,
    5 a library or machine that is not there, 130 stopped.

    ::

    ObclipError                            1
    ├── AttackError                        2
    ├── BenchmarkError                     2
    ├── CloudError                         3
    │   ├── BrokenOffError                 3
    │   ├── DeadlineError                  3
    │   ├── LatentError                    3
    │   ├── RefusedError                   3
    │   └── UnreachableError               3
    ├── ContractError                      2
    │   ├── BundleError                    4
    │   ├── RequestError                   2
    │   ├── ResponseError                  3
    │   └── SamplerError                   2
    ├── DeviceError                        4
    ├── EngineError                        1
    │   ├── BodyTooLargeError              2
    │   ├── BodyTooSlowError               3
    │   ├── BucketError                    2
    │   ├── BudgetSpentError               3
    │   ├── BusyError                      3
    │   ├── CacheShapeError                4
    │   ├── CancelledError                 3
    │   ├── ConfigError                    2
    │   │   └── DeviceMissingError         5
    │   │       └── TensorRTUnavailableError 5
    │   ├── CostlyError                    2
    │   ├── DeployedError                  2
    │   ├── ForbiddenError                 3
    │   ├── GraphError                     4
    │   │   ├── ForeignEngineError         4
    │   │   └── UnsupportedUNetError       4
    │   ├── MediaTypeError                 2
    │   ├── ModelNotLoadedError            3
    │   ├── NoTokenError                   3
    │   ├── NonFiniteError                 3
    │   ├── PlanError                      2
    │   ├── PromptTooLongError             2
    │   ├── StoppingError                  3
    │   ├── TooLateError                   3
    │   ├── UnavailableError               3
    │   ├── UnknownPlanError               2
    │   │   └── PlanUnavailableError       2
    │   ├── WrongHostError                 2
    │   ├── WrongModelError                3
    │   └── WrongTokenError                3
    ├── ExportError                        2
    │   ├── ApiError                       2
    │   ├── ConversionError                4
    │   │   ├── BuildError                 4
    │   │   ├── GraphTypeError             4
    │   │   └── UnsupportedGraphError      4
    │   ├── OptionError                    2
    │   ├── OutputError                    2
    │   ├── PairError                      2
    │   │   └── HubError                   2
    │   ├── UnknownArchitectureError       2
    │   └── VerificationError              4
    ├── InputError                         2
    │   ├── ClosedError                    2
    │   ├── LedgerError                    2
    │   ├── MissingError                   2
    │   └── PrivacyError                   2
    │       ├── BudgetError                2
    │       └── ImpliedError               2
    ├── LexiconError                       1
    ├── RecipeError                        2
    │   ├── BrokenCheckpoint               4
    │   ├── DiskFull                       3
    │   ├── MissingPackage                 2
    │   ├── ToneError                      2
    │   └── WrongVersion                   2
    └── StoppedError                       130
    """

    exit_code: ClassVar[int] = 1


class ContractError(ObclipError):
    """Something does not follow the contract between device and cloud."""

    exit_code = 2


class RequestError(ContractError):
    """A request that is malformed or over a limit. ``field`` names where."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


class SamplerError(ContractError):
    """A schedule or sampler that the contract does not know, or a step count it cannot serve."""


class ResponseError(ContractError):
    """A response that is truncated, of another shape, not finite, or not an answer to this request."""

    exit_code = 3


class BundleError(ContractError):
    """A bundle that is missing, incomplete, altered, or of another kind or version."""

    exit_code = 4
