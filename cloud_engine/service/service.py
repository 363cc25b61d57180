"""What the routes share: settings, models, tokens, budgets, turns, metrics; made once for an application."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from fastapi import Request

from ..errors import ForbiddenError, NoTokenError
from .budgets import Budgets
from .exposure import is_local
from .metrics import Metrics
from .models import Models
from .settings import Settings
from .tokens import Token, TokenFile
from .turns import Turns

__all__ = ["ANONYMOUS", "Service"]

T = TypeVar("T")
#: Stands for everybody where no tokens are asked for: one client, as far as fairness goes.
ANONYMOUS: Final = Token(id="00000000", sha256="0" * 64)
#: Threads that parse, tokenise and plan. They share the interpreter with the event loop: more would only crowd it.
_PREPARING: Final = 2
_log = logging.getLogger("obclip.cloud")


class Service:
    """One application's state.

    Raises:
        ConfigError: the tokens' file cannot be read.
    """

    def __init__(self, models: Models, settings: Settings) -> None:
        self.models, self.settings = models, settings
        self.metrics = Metrics()
        self.budgets = Budgets()
        self.turns = Turns(settings.queue_requests, settings.queue_evaluations, self.metrics)
        self._tokens = None if settings.tokens is None else TokenFile(settings.tokens, _tell_of_tokens)
        self._threads = ThreadPoolExecutor(_PREPARING, thread_name_prefix="cloud-prepare")
        self._loads = ThreadPoolExecutor(1, thread_name_prefix="cloud-load")
        #: What ``/metrics`` answers; of several replicas, whichever is asked tells of all.
        self.tell_metrics: Callable[[], Awaitable[bytes]] = self._tell_own_metrics

    @property
    def ready(self) -> bool:
        """Whether a request would be taken."""
        return self.models.ready and not self.turns.stopping

    async def prepare(self, work: Callable[[], T]) -> T:
        """Run something short outside the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def load(self, work: Callable[[], T]) -> T:
        """Run something long outside the event loop, one after another."""
        return await asyncio.get_running_loop().run_in_executor(self._loads, work)

    def token_of(self, request: Request) -> Token:
        """Who asks.

        Raises:
            NoTokenError, WrongTokenError: where tokens are asked for.
        """
        if self._tokens is None:
            return ANONYMOUS
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not text.strip():
            raise NoTokenError("this server wants a token: authorization: Bearer …")
        return self._tokens.find(text.strip())

    def need_admin(self, request: Request) -> None:
        """Raises: NoTokenError, WrongTokenError, ForbiddenError: the request has no administrator's token."""
        if self._tokens is None or self.token_of(request).role != "admin":
            raise ForbiddenError("this needs an administrator's token: obclip serve token new --role admin")

    def need_metrics(self, request: Request) -> bool:
        """Whether the metrics may be read.

        Raises:
            NoTokenError, WrongTokenError, ForbiddenError: with a token of another role.
        """
        rule = self.settings.metrics
        if rule == "auto":
            rule = "token" if self._tokens is not None else "open" if is_local(self.settings.host) else "off"
        if rule == "token" and (self._tokens is None or self.token_of(request).role == "use"):
            raise ForbiddenError("this needs a token for metrics: obclip serve token new --role metrics")
        return rule != "off"

    async def _tell_own_metrics(self) -> bytes:
        return self.metrics.text()

    def close(self) -> None:
        """End the threads."""
        self.turns.close()
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._loads.shutdown(wait=False, cancel_futures=True)


def _tell_of_tokens() -> None:
    _log.error("the tokens' file is damaged; the tokens that were read before stay in force")
