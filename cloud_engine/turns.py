"""Requests take turns: one is computed, a bounded number wait, the next is told to come back."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from obclip_contract import ContractError, GenerateRequest

from .engine import Engine
from .errors import BusyError, EngineError, StoppingError

__all__ = ["QUEUE", "Turns"]

#: Requests that may wait while one is computed: at a few seconds each, the last one still answers in time.
QUEUE: Final = 8
T = TypeVar("T")
_log = logging.getLogger("obclip.cloud")


class Turns:
    """Runs requests on one engine, one after another, outside the event loop."""

    def __init__(self, engine: Engine, queue: int = QUEUE) -> None:
        self._engine = engine
        self._queue = queue
        self._lock = asyncio.Lock()
        self._present = 0

    async def run(self, request: GenerateRequest) -> bytes:
        """The response's body. The request is planned before it waits, so that a refusal comes at once.

        A client that hangs up is not looked at: when the work ends must not depend on who listens.

        Raises:
            BusyError: the queue is full.
            StoppingError: the server stopped before the work was done.
            EngineError, obclip_contract.ContractError: from the run.
        """
        run = await asyncio.to_thread(_guarded, lambda: self._engine.prepare(request))
        if self._present > self._queue:
            raise BusyError("the engine is busy; send the same request again later")
        self._present += 1
        stop = threading.Event()
        try:
            async with self._lock:
                began = time.monotonic()
                body = await asyncio.to_thread(_guarded, lambda: run.response(stop.is_set).to_bytes())
        except asyncio.CancelledError:  # only the server's shutdown cancels
            stop.set()  # the thread cannot be cancelled; it ends after its step
            raise StoppingError("the server is stopping; send the same request again later") from None
        finally:
            self._present -= 1
        milliseconds = 1000 * (time.monotonic() - began)
        _log.info("n=%d steps=%d ms=%.0f", request.grid.count, request.cloud_steps, milliseconds)
        return body


def _guarded(work: Callable[[], T]) -> T:
    try:
        return work()
    except (EngineError, ContractError):
        raise
    except Exception as error:
        # A library's message may quote what it was given: the log gets the type and the place only.
        places = [f"{Path(f.filename).name}:{f.lineno}" for f in traceback.extract_tb(error.__traceback__)]
        _log.error("%s at %s", type(error).__name__, " > ".join(places))
        raise EngineError("the engine failed on this request; its log says where") from None
