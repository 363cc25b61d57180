"""One replica: the whole service around its own engines. A candidate set is computed here, from its first step to k."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..errors import ConfigError, DeployedError
from ..service.answers import refuse
from ..service.app import create_app
from ..service.logs import set_up_logs
from ..service.settings import read_settings
from ..service.starting import find_models, load_models
from .door import ANSWERED
from .gathering import merge_metrics

__all__ = ["NAME", "Replica"]

#: Of the deployment, in configuration files and in Ray's own metrics.
NAME: Final = "CloudEngine"
#: Seconds that the replicas have to tell their metrics.
_GATHERING: Final = 5.0
_REPOSITORY: Final = "/v2/repository/models/"
_DEPLOYED: Final = "the replicas serve what was deployed; change the settings or the bundles, and deploy again"


def _context() -> Any:
    from ray import serve

    return serve.get_replica_context()


class Replica:
    """What Ray starts on each replica's process.

    Args:
        settings: of the service, as plain data.
        revision: any number; another one makes Ray replace every replica, one after another.
        quiet: warnings and errors alone in the log.

    Raises:
        ConfigError, obclip_contract.BundleError, EngineError: the replica cannot start, and Ray says why.
    """

    def __init__(self, settings: dict[str, Any], revision: int = 0, quiet: bool = False) -> None:
        set_up_logs(quiet)
        self._settings = read_settings(private=True, **settings)
        self._models = find_models(self._settings)
        load_models(self._models, self._settings)
        self._app = create_app(self._models, self._settings)
        self._service = self._app.state.service
        self._service.tell_metrics = self._gather_metrics

    def __serve_build_asgi_app__(self) -> ASGIApp:  # the name is Ray's
        return _OneOfMany(self._app)

    def check_health(self) -> None:
        """Ray asks now and then, and replaces a replica that raises.

        Raises:
            ConfigError: nothing is loaded.
        """
        if not self._models.ready:
            raise ConfigError("no model is loaded")

    async def drain(self, grace: float) -> None:
        """Refuse what waits and what comes; what runs has ``grace`` seconds, then its step is the last."""
        await self._service.turns.drain(grace)

    def read_metrics(self) -> tuple[str, bytes]:
        """This replica's id, and its metrics in Prometheus' text format."""
        return _context().replica_id.unique_id, self._service.metrics.text()

    async def _gather_metrics(self) -> bytes:
        """Those of all replicas: whichever Prometheus happens to ask."""
        from ray import serve

        context = _context()
        handle = serve.get_deployment_handle(context.deployment, context.app_name)
        asked = handle.broadcast("read_metrics")
        told: Sequence[Any] = await asyncio.to_thread(
            lambda: asked.results(timeout_s=_GATHERING, return_exceptions=True)
        )
        # One that is just ending tells nothing.
        return merge_metrics([answer for answer in told if not isinstance(answer, BaseException)])


class _OneOfMany:
    """ASGI layer around the application: marks its answers, and keeps what would change one replica alone from it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), (ANSWERED, b"1")]}
            await send(message)

        if scope["path"].startswith(_REPOSITORY):
            await refuse(DeployedError(_DEPLOYED))(scope, receive, send_marked)
        else:
            await self._app(scope, receive, send_marked)
