"""The cloud's part of a run: N candidates, one shared noise, the first k of T steps.

The plan ``naive`` is naive oblivious (arXiv 2510.04153, section 3): every candidate is denoised by the full UNet at
every step. Every other plan runs by :mod:`cloud_engine.runners.planned`. The work depends on the request's public
numbers alone (axes, k, T, guidance), never on what a prompt says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from obclip_contract import (
    Bundle,
    GenerateRequest,
    LatentsResponse,
    RequestError,
    SamplerError,
    SamplerTable,
    apply_step,
    open_bundle,
    sampler_table,
    standard_normal,
)

from .backends import Backend, BackendOptions, load_backend
from .backends.protocol import Float32Array
from .backends.steps import StepExecutor
from .errors import BucketError, CancelledError, ConfigError, NonFiniteError, PlanUnavailableError, WrongModelError
from .planning import NAIVE, plan_for
from .plans import PRESETS, StepPlan, preset
from .runners.planned import Job, PlanRunner
from .tokenizer import PromptTokenizer
from .tuner.store import load as load_tuned

__all__ = ["MAX_ROWS_PER_CALL", "Engine", "EngineStep"]

#: Rows of one UNet call; a guided candidate is two. Bounds memory at any N (an SD-1.x row at 512×512 takes about
#: 0.5 GB of activations in fp32). A CPU gains nothing from more rows.
MAX_ROWS_PER_CALL: Final = 16
#: Steps of the plan whose graphs stand for a preset's when it is asked what runs here.
_PROBE_STEPS: Final = 25
#: Guidance at which ``uncond + g·(cond − uncond)`` is ``cond`` itself.
_NO_GUIDANCE: Final = 1.0


@dataclass(frozen=True)
class EngineStep:
    """State after one step. ``latents`` and ``x0`` are float32 ``[N, C, H, W]`` in the VAE's scaled space."""

    index: int
    total: int
    latents: Float32Array
    x0: Float32Array


@dataclass(frozen=True)
class _Conditioning:
    """Hidden states ``[N, L, D]`` of the members and ``[1, L, D]`` of the negative prompt (``None``: no guidance)."""

    members: Float32Array
    negative: Float32Array | None
    scale: float


class Engine:
    """One bundle on one backend. Not for two runs at a time: the service computes one request after another."""

    def __init__(self, bundle: Bundle, backend: Backend, max_rows: int = MAX_ROWS_PER_CALL) -> None:
        if max_rows < 2:
            raise ConfigError(f"at least 2 rows a call are needed (with and without the prompt), not {max_rows}")
        self.bundle = bundle
        self.manifest = bundle.manifest
        self.backend = backend
        self._max_rows = max_rows
        self._candidates_per_call = max_rows // 2
        self._executor: StepExecutor | None = None
        self._no_executor = ""
        self._tuned: tuple[StepPlan, ...] = ()
        self._latent_shape = tuple(self.manifest.latent_shape)
        self._schedule = self.manifest.schedule
        spec = self.manifest.tokenizer
        self._tokenizer = PromptTokenizer(bundle.path(spec.file), spec)
        try:
            # Before the first request: a faulty graph shows at the start, and none waits for a load.
            if not hasattr(backend, "step_executor"):
                raise PlanUnavailableError(f"the {backend.name} backend runs the plan naive alone")
            self._executor = backend.step_executor(max_rows)
        except PlanUnavailableError as error:
            self._no_executor = str(error)

    @property
    def plans(self) -> tuple[str, ...]:
        """Names of the step plans that run here; some take numbers (``deepcache-3``)."""
        if self._executor is None:
            return (NAIVE,)
        names = [name for name in PRESETS if name == NAIVE or self._runs(name)]
        return (*names, *sorted({p.name for p in self._tuned}))

    def add_plans(self, plans: Sequence[StepPlan]) -> None:
        """Run these plans too, each for the axes, k and T it was made for.

        Raises:
            PlanError, PlanUnavailableError, BucketError: a plan is ill-formed, or its graphs are not here.
        """
        for plan in plans:
            PlanRunner(plan, self._require_executor())
        self._tuned = (*self._tuned, *plans)

    @classmethod
    def from_bundle(
        cls,
        path: str | Path,
        backend: str = "onnxruntime",
        *,
        options: BackendOptions | None = None,
        max_rows: int = MAX_ROWS_PER_CALL,
    ) -> Engine:
        """Open and check a cloud bundle, load its graphs, and add its tuned plans where the backend can run them.

        Raises:
            obclip_contract.BundleError: missing, altered or not a cloud bundle.
            ConfigError: unknown backend, device or library.
            GraphError: a graph cannot be loaded.
            PlanError: a tuned plan is damaged.
        """
        bundle = open_bundle(Path(path), "cloud")
        engine = cls(bundle, load_backend(backend, bundle, options or BackendOptions()), max_rows)
        for plan in load_tuned(bundle):
            with suppress(PlanUnavailableError, BucketError):
                engine.add_plans([plan])
        return engine

    def check(self, request: GenerateRequest) -> None:
        """Everything that can be refused before any work is done, token counts excepted.

        Raises:
            WrongModelError: the request names another model.
            UnknownPlanError: the request names a step plan that does not run here.
            BucketError: the plan needs more rows in one call than this server takes.
            obclip_contract.RequestError: a schedule the sampler cannot follow.
        """
        if request.model != self.manifest.model:
            raise WrongModelError(f"this server runs model {self.manifest.model!r}: use the edge bundle of its pair")
        if request.plan != NAIVE:
            self.runner(request)
        self._table(request)

    def steps(self, request: GenerateRequest) -> Iterator[EngineStep]:
        """Denoise all candidates, yielding after each of the ``cloud_steps`` steps.

        A caller may stop between steps by closing the generator.

        Raises:
            WrongModelError, UnknownPlanError, obclip_contract.RequestError: see `check`.
            PromptTooLongError: a prompt has more tokens than the text encoder takes.
            NonFiniteError: a latent overflowed; no step is yielded for it.
        """
        self.check(request)
        table = self._table(request)
        conditioning = self._encode(request)
        noise = standard_normal(request.seed, self._latent_shape)
        if request.plan != NAIVE:
            job = Job(noise, conditioning.members, conditioning.negative, conditioning.scale)
            for (done,) in self.runner(request).steps([job], table):
                yield EngineStep(done.index, len(table.steps), done.latents, done.x0)
            return
        latents: Float32Array = np.repeat(noise[None], request.grid.count, axis=0)
        x0: Float32Array | None = None
        for index, step in enumerate(table.steps):
            output = self._guided(latents, step.timestep, conditioning)
            with np.errstate(over="ignore", invalid="ignore"):  # judged right below, for all members alike
                latents, x0 = apply_step(step, latents, output, x0)
            _require_finite(latents, x0)
            yield EngineStep(index, len(table.steps), latents, x0)

    def run(self, request: GenerateRequest, should_stop: Callable[[], bool] | None = None) -> LatentsResponse:
        """All steps, and the response with every candidate's latent in grid order.

        Args:
            should_stop: asked after each step; a true answer ends the run.

        Raises:
            CancelledError: ``should_stop`` said so.
            Others: as `steps`.
        """
        last: EngineStep | None = None
        for last in self.steps(request):
            if should_stop is not None and should_stop():
                raise CancelledError(f"stopped after step {last.index + 1} of {last.total}")
        if last is None:
            raise RequestError("cloud_steps", "at least 1 step")
        carry, table = request.handover == "carry", self._table(request)
        return LatentsResponse(
            latents=_half(last.latents),
            x0=_half(last.x0) if carry else None,
            request_sha256=request.sha256,
            pair_sha256=self.manifest.pair_sha256,
            cloud_steps=request.cloud_steps,
            x0_log_snr=table.steps[-1].log_snr if carry else None,
            log_snr=table.end_log_snr,
            plan=request.plan,
        )

    def runner(self, request: GenerateRequest) -> PlanRunner:
        """The runner of a request's plan.

        Raises:
            UnknownPlanError, PlanUnavailableError, BucketError: see `check`.
        """
        plan = plan_for(request.plan, request.grid, request.cloud_steps, request.steps, self._tuned)
        return PlanRunner(plan, self._require_executor())

    def _require_executor(self) -> StepExecutor:
        if self._executor is None:
            raise PlanUnavailableError(self._no_executor)
        return self._executor

    def _runs(self, name: str) -> bool:
        executor = self._require_executor()
        try:
            for spec in preset(name, (("a", 2),), _PROBE_STEPS, _PROBE_STEPS).specs():
                executor.serves(spec)
        except PlanUnavailableError:
            return False
        return True

    def _table(self, request: GenerateRequest) -> SamplerTable:
        try:
            return sampler_table(request.sampler, self._schedule, request.steps).head(request.cloud_steps)
        except SamplerError as error:
            raise RequestError("steps", str(error)) from error

    def _encode(self, request: GenerateRequest) -> _Conditioning:
        # Both are tokenised before either is encoded: a refusal costs no work.
        members = self._tokenizer.encode(request.grid.expand(), "grid")
        negative = self._tokenizer.encode([request.negative_prompt], "negative_prompt")
        guided = request.guidance_scale != _NO_GUIDANCE
        return _Conditioning(
            members=self.backend.encode_text(members),
            negative=self.backend.encode_text(negative) if guided else None,
            scale=request.guidance_scale,
        )

    def _guided(self, latents: Float32Array, timestep: float, conditioning: _Conditioning) -> Float32Array:
        """The guided model output ``[N, C, H, W]``, computed in chunks of fixed size."""
        chunk = self._candidates_per_call
        starts = range(0, len(latents), chunk)
        parts = [
            self._guided_chunk(latents[i : i + chunk], timestep, conditioning.members[i : i + chunk], conditioning)
            for i in starts
        ]
        return np.concatenate(parts)

    def _guided_chunk(
        self, latents: Float32Array, timestep: float, members: Float32Array, conditioning: _Conditioning
    ) -> Float32Array:
        if conditioning.negative is None:
            return self.backend.denoise(latents, timestep, members)
        negative = np.repeat(conditioning.negative, len(latents), axis=0)
        both = self.backend.denoise(np.concatenate([latents, latents]), timestep, np.concatenate([negative, members]))
        without, within = both[: len(latents)], both[len(latents) :]
        with np.errstate(over="ignore", invalid="ignore"):
            guided: Float32Array = without + np.float32(conditioning.scale) * (within - without)
        return guided


def _require_finite(*arrays: Float32Array) -> None:
    """One rule for all members, and no word on which one broke it."""
    if not all(np.isfinite(array).all() for array in arrays):
        raise NonFiniteError("the latents are not finite; try a lower guidance scale or another seed")


def _half(array: Float32Array) -> np.ndarray[tuple[int, ...], np.dtype[np.float16]]:
    with np.errstate(over="ignore"):
        half = array.astype(np.float16)
    if not np.isfinite(half).all():
        raise NonFiniteError("the latents do not fit into fp16; try a lower guidance scale or another seed")
    return half
