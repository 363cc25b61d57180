"""Questions about the server: health, models, readiness, the Open Inference Protocol's names, loading, metrics."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from obclip_contract import BundleError, limits

from ..errors import EngineError
from .answers import error_body, refuse
from .costing import SHALLOW_SHARES, SHARES, TEXT_SHARE
from .models import Model
from .service import Service

__all__ = ["admin_routes", "inquiry_routes"]

_log = logging.getLogger("obclip.cloud")
_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


def inquiry_routes(service: Service) -> APIRouter:
    """Everything that may be asked without a token, and the metrics."""
    routes = APIRouter()

    @routes.get("/v1/health", tags=["device"], summary="What a device asks before its first prompt")
    async def health() -> dict[str, Any]:
        engine = service.models.engine(service.models.first.name)
        return {
            "status": "ok",
            "model": engine.manifest.model,
            "backend": engine.backend.name,
            "pair_sha256": engine.manifest.pair_sha256,
            "plans": list(engine.plans),
            "limits": _limits(service, engine.manifest.tokenizer.max_length),
        }

    @routes.get("/v1/models", tags=["device"], summary="Every model, its plans, limits and costs")
    async def models() -> dict[str, Any]:
        return {"models": await service.prepare(lambda: [_tell(service, m) for m in service.models.all()])}

    @routes.get("/livez", tags=["operation"], summary="The process answers")
    @routes.get("/v2/health/live", tags=["operation"], summary="As /livez")
    async def live() -> dict[str, bool]:
        return {"live": True}

    @routes.get("/readyz", tags=["operation"], summary="Loaded, warmed, not draining", responses={503: {}})
    @routes.get("/v2/health/ready", tags=["operation"], summary="As /readyz", responses={503: {}})
    async def ready() -> JSONResponse:
        return JSONResponse({"ready": service.ready}, 200 if service.ready else 503)

    @routes.get("/v2/models/{model}", tags=["operation"], summary="A model, by the Open Inference Protocol")
    async def describe(model: str) -> dict[str, Any]:
        engine = service.models.engine(model)
        shape = [-1, *engine.manifest.latent_shape]
        return {
            "name": model,
            "versions": [engine.manifest.pair_sha256],
            "platform": f"obclip_{engine.backend.name}",
            "inputs": [{"name": "request", "datatype": "BYTES", "shape": [1]}],
            "outputs": [{"name": name, "datatype": "FP16", "shape": shape} for name in ("latents", "x0")],
        }

    @routes.get("/v2/models/{model}/ready", tags=["operation"], summary="Is it served", responses={503: {}})
    async def model_ready(model: str) -> JSONResponse:
        good = service.models.get(model).engine is not None and not service.turns.stopping
        return JSONResponse({"name": model, "ready": good}, 200 if good else 503)

    @routes.get("/metrics", tags=["operation"], summary="Prometheus metrics", response_class=Response)
    async def metrics(request: Request) -> Response:
        if not service.need_metrics(request):
            return JSONResponse(error_body("not_found", "the metrics are off"), 404)
        return Response(await service.tell_metrics(), media_type=_PROMETHEUS)

    return routes


def admin_routes(service: Service) -> APIRouter:
    """Loading and unloading, with an administrator's token; names as in Triton's model repository extension."""
    routes = APIRouter(prefix="/v2/repository", tags=["administration"])

    @routes.post("/index", summary="Every model of the configuration and its state")
    async def index(request: Request) -> list[dict[str, str]]:
        service.need_admin(request)
        return [{"name": m.name, "state": m.state.upper(), "reason": m.reason} for m in service.models.all()]

    @routes.post("/models/{model}/load", summary="Load it, or load it again from disk", responses={409: {}})
    async def load(model: str, request: Request) -> Response:
        service.need_admin(request)
        service.models.get(model)
        try:
            # It goes on where the asker leaves: a half-loaded model would be nobody's.
            loaded = await asyncio.shield(service.load(lambda: service.models.load(model)))
        except BundleError as error:
            return refuse(error)
        except EngineError as error:
            return JSONResponse(error_body(error.code, str(error), error.field), 409)
        _log.info("loaded", extra={"facts": {"model": loaded.name}})
        return JSONResponse(await service.prepare(lambda: _tell(service, loaded)))

    @routes.post("/models/{model}/unload", summary="Serve it no more; what was begun is finished")
    async def unload(model: str, request: Request) -> Response:
        service.need_admin(request)
        unloaded = await service.load(lambda: service.models.unload(model))
        _log.info("unloaded", extra={"facts": {"model": unloaded.name}})
        return JSONResponse(await service.prepare(lambda: _tell(service, unloaded)))

    return routes


def _limits(service: Service, tokens: int) -> dict[str, int]:
    return {
        "candidates": service.settings.max_candidates,
        "steps": service.settings.max_steps,
        "request_bytes": limits.MAX_REQUEST_BYTES,
        "tokens": tokens,
        "response_bytes": limits.MAX_RESPONSE_BYTES,
    }


def _tell(service: Service, model: Model) -> dict[str, Any]:
    told: dict[str, Any] = {"name": model.name, "state": model.state}
    engine = model.engine
    if engine is None:
        return told
    settings = service.settings
    told |= {
        "pair_sha256": engine.manifest.pair_sha256,
        "changed_on_disk": model.changed,
        "backend": engine.backend.name,
        "latent_shape": list(engine.manifest.latent_shape),
        "plans": list(engine.plans),
        "buckets": list(engine.buckets),
        "limits": {
            **_limits(service, engine.manifest.tokenizer.max_length),
            "guidance_scale": settings.max_guidance,
            "evaluations": settings.max_evaluations,
            "deadline_seconds": settings.deadline,
        },
        "cost": {
            "unit": "unet-evaluations",
            "graphs": SHARES,
            "shallow_by_cut": list(SHALLOW_SHARES),
            "prompt": TEXT_SHARE,
        },
    }
    return told
