"""The engine: one request in, the latents of every member out. It does not know HTTP."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from contract import (
    Bundle,
    GenerateRequest,
    LatentsResponse,
    SamplerError,
    SamplerTable,
    apply_step,
    open_bundle,
    sampler_table,
    standard_normal,
)
from contract.errors import RequestError
from numpy.typing import NDArray

from .backends import Backend, open_backend
from .errors import NonFiniteError, WrongModelError
from .tokenizer import PromptTokenizer

#: Rows of one UNet call. Bounds memory at any N; larger batches gain nothing on a CPU.
MAX_ROWS: Final = 16
PLANS: Final = ("naive",)


@dataclass(frozen=True)
class StepState:
    """After one step: index (0-based), latents and predicted x0 of all members, float32 ``[N, C, H, W]``."""

    index: int
    latents: NDArray[Any]
    x0: NDArray[Any]


class Engine:
    """Runs the naive oblivious plan: every member, every step, the full graph."""

    def __init__(self, bundle: Bundle, backend: Backend) -> None:
        self.bundle = bundle
        self.backend = backend
        self._tokenize = PromptTokenizer(bundle)

    @classmethod
    def from_bundle(cls, path: Path | str, backend: str = "onnxruntime", threads: int | None = None) -> Engine:
        """Open a cloud bundle (every sha256 checked) and load its graphs.

        Raises:
            contract.BundleError: the bundle cannot be used. BackendError: the backend cannot.
        """
        bundle = open_bundle(path, "cloud")
        return cls(bundle, open_backend(backend, bundle, threads))

    def table(self, request: GenerateRequest) -> SamplerTable:
        """The sampler rows that this request runs.

        Raises:
            RequestError: more steps than the schedule has.
        """
        try:
            whole = sampler_table(request.sampler, self.bundle.manifest.schedule, request.steps)
        except SamplerError as error:
            raise RequestError("steps", str(error)) from None
        return whole.head(request.cloud_steps)

    def check(self, request: GenerateRequest) -> None:
        """Refuse what this engine cannot run, before anything is computed.

        Raises:
            WrongModelError: another model or an unknown plan.
        """
        manifest = self.bundle.manifest
        if request.model != manifest.model:
            raise WrongModelError(f"this engine serves model {manifest.model!r}; the request names another")
        if request.plan not in PLANS:
            raise WrongModelError(f"the step plan is not known here; known: {', '.join(PLANS)}")

    def steps(self, request: GenerateRequest) -> Iterator[StepState]:
        """Denoise all members step by step; yields after each of the ``cloud_steps`` steps.

        Raises:
            WrongModelError, PromptTooLongError: before the first step. NonFiniteError: at the step.
        """
        self.check(request)
        members = request.grid.expand()
        states = self._encode([*members, request.negative_prompt])
        cond, uncond = states[:-1], states[-1:]
        shape = self.bundle.manifest.latent_shape
        # One noise for all: nothing but the words differs between members.
        x = np.repeat(standard_normal(request.seed, shape)[None], len(members), axis=0)
        previous = None
        for index, step in enumerate(self.table(request).steps):
            output = self._guided(x, step.timestep, cond, uncond, request.guidance_scale)
            x, previous = apply_step(step, x, output, previous)
            if not np.isfinite(x).all():
                raise NonFiniteError(f"step {index + 1} gave values that are not finite; nothing is returned")
            yield StepState(index, x, previous)

    def run(self, request: GenerateRequest, body: bytes | None = None) -> LatentsResponse:
        """All steps; the response carries the last x0 where the request's hand-over is "carry".

        ``body`` is the request as it arrived: the response names its hash.
        """
        last = None
        for state in self.steps(request):
            last = state
        assert last is not None
        table = self.table(request)
        carry = request.handover == "carry"
        latents, x0 = _half(last.latents), _half(last.x0) if carry else None
        return LatentsResponse(
            latents=latents,
            request_sha256=hashlib.sha256(body or request.to_bytes()).hexdigest(),
            cloud_steps=request.cloud_steps,
            log_snr=table.end_log_snr,
            plan=request.plan,
            x0=x0,
            x0_log_snr=table.steps[-1].log_snr if carry else None,
        )

    def _encode(self, texts: list[str]) -> NDArray[Any]:
        ids = self._tokenize(texts)
        parts = [self.backend.encode_text(ids[i : i + MAX_ROWS]) for i in range(0, len(ids), MAX_ROWS)]
        return np.concatenate(parts)

    def _guided(
        self, x: NDArray[Any], timestep: float, cond: NDArray[Any], uncond: NDArray[Any], scale: float
    ) -> NDArray[Any]:
        """Classifier-free guidance (Ho and Salimans, arXiv 2207.12598): uncond + scale · (cond − uncond)."""
        wanted = self._rows(x, timestep, cond)
        if scale == 1.0:
            return wanted
        plain = self._rows(x, timestep, np.repeat(uncond, len(x), axis=0))
        return plain + np.float32(scale) * (wanted - plain)

    def _rows(self, x: NDArray[Any], timestep: float, states: NDArray[Any]) -> NDArray[Any]:
        parts = [
            self.backend.denoise(x[i : i + MAX_ROWS], timestep, states[i : i + MAX_ROWS])
            for i in range(0, len(x), MAX_ROWS)
        ]
        return np.concatenate(parts)


def _half(x: NDArray[Any]) -> NDArray[np.float16]:
    with np.errstate(over="ignore"):
        half = x.astype(np.float16)
    if not np.isfinite(half).all():
        raise NonFiniteError("the latents do not fit fp16; nothing is returned")
    return half
