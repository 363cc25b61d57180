"""``POST /v1/latents``: admission before anything of a request's size is allocated, then its turn."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from fastapi import Request, Response

from obclip_contract import MEDIA_TYPE, ContractError, GenerateRequest, RequestError

from ..engine import Run
from ..errors import CancelledError, CostlyError, EngineError, ForbiddenError, StoppingError
from ..planning import NAIVE
from ..runners.planned import PlanRunner
from .answers import outcome_of, refuse
from .bodies import check_media_type, read_body, read_deadline, wait_for_leaving
from .costing import count_evaluations, naive_evaluations
from .gate import REQUEST_ID
from .service import Service
from .settings import Settings
from .tokens import Token
from .turns import LEFT, STOPPING, Job, guard

__all__ = ["answer_latents"]

_log = logging.getLogger("obclip.cloud")


@dataclass
class _Record:
    """Public facts of one request, for its line in the log."""

    arrived: float = field(default_factory=time.monotonic)
    facts: dict[str, Any] = field(default_factory=dict)
    job: Job | None = None

    def finish(self, request: Request, outcome: str, status: int) -> None:
        now = time.monotonic()
        facts = {"request_id": request.scope["state"].get(REQUEST_ID), "outcome": outcome, "status": status}
        facts["ms"] = round(1000 * (now - self.arrived))
        if self.job is not None and self.job.began is not None:
            facts["queue_ms"] = round(1000 * (self.job.began - self.job.arrived))
            facts["run_ms"] = round(1000 * self.job.seconds)
        _log.info("request", extra={"facts": {**facts, **self.facts}})


async def answer_latents(service: Service, request: Request) -> Response:
    """The latents, or a refusal; one line in the log and one count, whatever happens."""
    record = _Record()
    token: Token | None = None
    try:
        token = service.token_of(request)
        answer = Response(await _latents(service, request, token, record), media_type=MEDIA_TYPE)
        outcome = "ok"
    except (EngineError, ContractError) as error:
        answer, outcome = refuse(error), outcome_of(error)
    except asyncio.CancelledError:  # the server's shutdown; Ray Serve cancels for a client that left, too
        gone = StoppingError(STOPPING) if service.turns.stopping else CancelledError(LEFT)
        answer, outcome = refuse(gone), gone.code
    if token is not None:
        answer.headers.update(service.budgets.headers(token))
    service.metrics.requests.labels(outcome=outcome).inc()
    if outcome == "ok":
        service.metrics.latency.observe(time.monotonic() - record.arrived)
    record.finish(request, outcome, answer.status_code)
    return answer


async def _latents(service: Service, request: Request, token: Token, record: _Record) -> bytes:
    settings = service.settings
    if service.turns.stopping:
        raise StoppingError(STOPPING)
    if token.role == "metrics":
        raise ForbiddenError("this token reads metrics alone")
    check_media_type(request)
    until = record.arrived + read_deadline(request, settings.deadline)
    body = await read_body(request, settings.body_seconds)
    run, cost = await service.prepare(partial(guard, partial(_plan, service, body, record)))
    del body  # not held while the request waits
    if isinstance(run.runner, PlanRunner):
        service.metrics.cache.set(run.runner.arena_map.bytes)
    service.budgets.spend(token, cost)
    record.job = job = Job(token.id, cost, until, lambda stop: run.response(stop).to_bytes())
    try:
        return await service.turns.run(job, lambda: wait_for_leaving(request))
    finally:
        if job.began is None:
            service.budgets.give_back(token, cost)


def _plan(service: Service, body: bytes, record: _Record) -> tuple[Run, int]:
    """Parse, check and plan: in a thread, since 256 KiB of JSON and 64 texts take milliseconds.

    Raises:
        RequestError, CostlyError, EngineError: see ``Engine.prepare``.
    """
    parsed = GenerateRequest.from_bytes(body)
    engine = service.models.engine(parsed.model)
    _check_limits(parsed, service.settings)
    if parsed.plan == NAIVE:  # known before it is planned
        _check_cost(naive_evaluations(parsed), service.settings)
    run = engine.prepare(parsed)
    cost = count_evaluations(parsed, run.runner)
    _check_cost(cost, service.settings)
    record.facts.update(
        model=parsed.model,
        n=parsed.grid.count,
        k=parsed.cloud_steps,
        t=parsed.steps,
        plan=parsed.plan,
        evaluations=cost,
    )
    return run, cost


def _check_limits(parsed: GenerateRequest, settings: Settings) -> None:
    told = "this server takes at most"
    if parsed.grid.count > settings.max_candidates:
        raise RequestError("grid", f"{told} {settings.max_candidates} candidates")
    if parsed.steps > settings.max_steps:
        raise RequestError("steps", f"{told} {settings.max_steps} steps")
    if parsed.guidance_scale > settings.max_guidance:
        raise RequestError("guidance_scale", f"{told} {settings.max_guidance:g}")


def _check_cost(cost: int, settings: Settings) -> None:
    if cost > settings.max_evaluations:
        raise CostlyError(
            f"this request takes {cost} UNet evaluations, and this server does at most {settings.max_evaluations} for "
            "one: ask for fewer cloud steps or candidates, or a cheaper plan"
        )
