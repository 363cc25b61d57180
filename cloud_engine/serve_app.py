"""The cloud engine as a Ray Serve application: ``serve run cloud_engine.serve_app:build settings=serve.toml``.

Each replica is the whole service (admission, tokens, its fair queue) around an engine of its own. Ray shares requests
out and keeps replicas alive; it batches nothing, since a set's work is one request's (``@serve.batch`` has no place
here), and a request is computed where it arrived. ``obclip serve --ray`` runs it on one machine, with Ray; deploy/ray/
and docs/DEPLOY.md have a cluster.
"""

# No postponed annotations here: Ray reads that of `build`'s argument as it stands, to check a configuration's `args`.
import math
from typing import Any, Final

from ray import serve
from ray.serve import Application

from .errors import ConfigError
from .service.settings import Settings, read_settings
from .spread.arguments import Arguments
from .spread.environment import check_environment
from .spread.replica import NAME, Replica

__all__ = ["build", "make_application"]

#: Requests that a replica holds: the one that is computed, and those among which its queue is fair. More of them wait
#: with Ray, which gives each to the first replica with a free place.
ONGOING: Final = 4
#: Ongoing requests at which Ray adds a replica, where it may: one is computed, one waits.
_TARGET: Final = 2
#: Seconds between looking whether a replica lives. Its being gone shows at the next request at once.
_HEALTH: Final = 5.0
#: Seconds beyond the longest request before a replica that is replaced is ended.
_BEYOND: Final = 10.0
_RETRY: Final = 2
#: Ray's own lines; at a lower level it writes one whenever a replica is full. Requests' lines are the replicas'.
LOGGING: Final = {"enable_access_log": False, "log_level": "ERROR"}


def build(arguments: Arguments) -> Application:
    """The application, from a file of settings and the environment (``OBCLIP_*``).

    Raises:
        ConfigError: a setting is wrong; Ray's environment is not as it has to be; or there are no tokens, and
            ``allow_anonymous`` does not say that anybody may use it: which address Ray listens on is not known here.
    """
    check_environment()
    settings = read_settings(arguments.settings)
    if settings.tokens is None and not settings.allow_anonymous:
        raise ConfigError("give the settings a tokens' file (obclip serve token new), or allow_anonymous = true")
    if settings.metrics == "auto":
        settings = settings.model_copy(update={"metrics": "off" if settings.tokens is None else "token"})
    return make_application(settings, arguments)


def make_application(settings: Settings, arguments: Arguments, quiet: bool = False) -> Application:
    """The application of these settings.

    Raises:
        ConfigError: ``max_replicas`` is below ``replicas``, or a replica would have part of several GPUs.
    """
    cpus, gpus = _resources(settings, arguments)
    threads = settings.threads or max(1, math.floor(cpus))
    places: dict[str, Any] = {"bundles": tuple(path.absolute() for path in settings.bundles)}
    places |= {} if settings.tokens is None else {"tokens": settings.tokens.absolute()}
    values = settings.model_copy(update={"threads": threads, **places}).model_dump(mode="json")
    deployment = serve.deployment(
        serve.ingress()(Replica),
        name=NAME,
        ray_actor_options={"num_cpus": cpus, "num_gpus": gpus},
        max_ongoing_requests=ONGOING,
        max_queued_requests=settings.queue_requests,
        backpressure_config={"status_code": 429, "retry_after_s": _RETRY},
        graceful_shutdown_timeout_s=settings.deadline + _BEYOND,
        health_check_period_s=_HEALTH,
        logging_config=LOGGING,
        **_counts(arguments),
    )
    application: Application = deployment.bind(values, arguments.revision, quiet)
    return application


def _resources(settings: Settings, arguments: Arguments) -> tuple[float, float]:
    on_gpu = settings.device == "cuda" or settings.backend.startswith("tensorrt")
    gpus = arguments.gpus if arguments.gpus is not None else float(on_gpu)
    if gpus > 1 and gpus != math.floor(gpus):
        raise ConfigError(f"gpus: {gpus:g} is neither a whole number nor a part of one GPU")
    cpus = arguments.cpus if arguments.cpus is not None else float(settings.threads or 1)
    return cpus, gpus


def _counts(arguments: Arguments) -> dict[str, Any]:
    most = arguments.max_replicas
    if most is None or most == arguments.replicas:
        return {"num_replicas": arguments.replicas}
    if most < arguments.replicas:
        raise ConfigError(f"max_replicas is {most}, and replicas {arguments.replicas}")
    least = arguments.replicas
    return {
        "autoscaling_config": {"min_replicas": least, "max_replicas": most, "target_ongoing_requests": _TARGET},
        "num_replicas": "auto",
    }
