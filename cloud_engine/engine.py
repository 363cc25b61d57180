"""The cloud's part of a run: N candidates, one shared noise, the first k of T steps.

A request is planned once (:meth:`Engine.prepare`) and then runs (:class:`Run`). The work depends on the request's
public numbers alone (axes, k, T, guidance), never on what a prompt says.
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
    is_guided,
    open_bundle,
    sampler_table,
    standard_normal,
)

from .backends import Backend, BackendOptions, load_backend
from .backends.protocol import Float32Array, Int64Array
from .backends.steps import StepExecutor
from .errors import BucketError, CancelledError, ConfigError, NonFiniteError, PlanUnavailableError, WrongModelError
from .planning import NAIVE, plan_for
from .plans import PRESETS, StepPlan, preset
from .plans.store import load as load_tuned
from .runners.naive import NaiveRunner
from .runners.planned import PlanRunner
from .runners.steps import Job, Runner
from .tokenizer import PromptTokenizer

__all__ = ["MAX_ROWS_PER_CALL", "Engine", "EngineStep", "Run"]

#: Rows of one UNet call; a guided candidate is two. Bounds memory at any N (an SD-1.x row at 512×512 takes about
#: 0.5 GB of activations in fp32). A CPU gains nothing from more rows.
MAX_ROWS_PER_CALL: Final = 16
#: Steps of the plan whose graphs stand for a preset's when it is asked what runs here.
_PROBE_STEPS: Final = 25


@dataclass(frozen=True)
class EngineStep:
    """State after one step. ``latents`` and ``x0`` are float32 ``[N, C, H, W]`` in the VAE's scaled space."""

    index: int
    total: int
    latents: Float32Array
    x0: Float32Array


class Engine:
    """One bundle on one backend. Not for two runs at a time: the service computes one request after another."""

    def __init__(self, bundle: Bundle, backend: Backend, max_rows: int = MAX_ROWS_PER_CALL) -> None:
        if max_rows < 2:
            raise ConfigError(f"at least 2 rows a call are needed (with and without the prompt), not {max_rows}")
        self.bundle = bundle
        self.manifest = bundle.manifest
        self.backend = backend
        self._naive = NaiveRunner(backend, max_rows)
        self._executor: StepExecutor | None = None
        self._no_executor = ""
        self._tuned: tuple[StepPlan, ...] = ()
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

    @property
    def buckets(self) -> tuple[int, ...]:
        """Batch sizes at which the step graphs run; none where there are no step graphs."""
        return () if self._executor is None else tuple(self._executor.buckets.sizes)

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

    def prepare(self, request: GenerateRequest) -> Run:
        """Plan a request, once: everything that can be refused before any work is done is refused here.

        Raises:
            WrongModelError: the request names another model.
            UnknownPlanError, PlanUnavailableError: the request names a step plan that does not run here.
            BucketError: the plan needs more rows in one call than this server takes.
            PromptTooLongError: a prompt has more tokens than the text encoder takes.
            obclip_contract.RequestError: no cloud step, or a schedule that the sampler cannot follow.
        """
        if request.model != self.manifest.model:
            raise WrongModelError(f"this server runs model {self.manifest.model!r}: use the edge bundle of its pair")
        if request.cloud_steps < 1:
            raise RequestError("cloud_steps", "at least 1 step")
        return Run(
            self,
            request,
            self._table(request),
            self.runner(request),
            self._tokenizer.encode(request.grid.expand(), "grid"),
            self._tokenizer.encode([request.negative_prompt], "negative_prompt"),
        )

    def steps(self, request: GenerateRequest) -> Iterator[EngineStep]:
        """:meth:`prepare` and :meth:`Run.steps` in one."""
        return self.prepare(request).steps()

    def run(self, request: GenerateRequest, should_stop: Callable[[], bool] | None = None) -> LatentsResponse:
        """:meth:`prepare` and :meth:`Run.response` in one."""
        return self.prepare(request).response(should_stop)

    def runner(self, request: GenerateRequest) -> Runner:
        """The runner of a request's plan.

        Raises:
            UnknownPlanError, PlanUnavailableError, BucketError: see :meth:`prepare`.
        """
        if request.plan == NAIVE:
            return self._naive
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


@dataclass(frozen=True)
class Run:
    """A planned request on its engine. ``members`` ``[N, L]`` and ``negative`` ``[1, L]`` are int64 token ids."""

    engine: Engine
    request: GenerateRequest
    table: SamplerTable
    runner: Runner
    members: Int64Array
    negative: Int64Array

    def job(self) -> Job:
        """The noise, and the texts as the text encoder gives them."""
        encode, guidance = self.engine.backend.encode_text, self.request.guidance_scale
        noise = standard_normal(self.request.seed, tuple(self.engine.manifest.latent_shape))
        return Job(noise, encode(self.members), encode(self.negative) if is_guided(guidance) else None, guidance)

    def steps(self) -> Iterator[EngineStep]:
        """Denoise all candidates, yielding after each of the ``cloud_steps`` steps.

        A caller may stop between steps by closing the generator.

        Raises:
            NonFiniteError: a latent overflowed; no step is yielded for it.
        """
        for done in self.runner.steps(self.job(), self.table):
            yield EngineStep(done.index, len(self.table.steps), done.latents, done.x0)

    def response(self, should_stop: Callable[[], bool] | None = None) -> LatentsResponse:
        """All steps, and the response with every candidate's latent in grid order.

        Args:
            should_stop: asked after each step; a true answer ends the run.

        Raises:
            CancelledError: ``should_stop`` said so.
            NonFiniteError: a latent overflowed, in float32 or in float16.
        """
        last: EngineStep | None = None
        for last in self.steps():
            if should_stop is not None and should_stop():
                raise CancelledError(f"stopped after step {last.index + 1} of {last.total}")
        assert last is not None
        carry = self.request.handover == "carry"
        return LatentsResponse(
            latents=_half(last.latents),
            x0=_half(last.x0) if carry else None,
            request_sha256=self.request.sha256,
            pair_sha256=self.engine.manifest.pair_sha256,
            cloud_steps=self.request.cloud_steps,
            x0_log_snr=self.table.steps[-1].log_snr if carry else None,
            log_snr=self.table.end_log_snr,
            plan=self.request.plan,
        )


def _half(array: Float32Array) -> np.ndarray[tuple[int, ...], np.dtype[np.float16]]:
    with np.errstate(over="ignore"):
        half = array.astype(np.float16)
    if not np.isfinite(half).all():
        raise NonFiniteError("the latents do not fit into fp16; try a lower guidance scale or another seed")
    return half
