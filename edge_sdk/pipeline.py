"""The whole path of one picture, called like a diffusers pipeline."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from obclip_contract import (
    DEFAULT_PLAN,
    Bundle,
    BundleError,
    GenerateRequest,
    SamplerError,
    finish_table,
    open_bundle,
    sampler_table,
    standard_normal,
)
from obclip_contract.limits import MAX_GUIDANCE, MAX_STEPS

from .attributes import LEXICON_VERSION
from .cloud.client import CloudClient
from .device.finishing import finish
from .device.handover import Begin, check_level, evened
from .device.images import to_image
from .device.selection import select
from .device.tokenizer import PromptTokenizer
from .errors import CloudError, InputError, LatentError
from .events import Decoded, Detected, Finished, PipelineEvent, PipelineOutput, Received
from .ledger import Ledger
from .privacy import Privacy, Release, release
from .privacy.rules import refuse_alone
from .receipt import Receipt
from .runtimes.choose import open_runtime
from .runtimes.protocol import Runtime

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["ObliviousPipeline", "Settings", "draw_seed"]

_LOCAL: Final = "local"
_PHASES: Final = ("detect", "cloud", "finish", "decode")
StepCallback = Callable[["ObliviousPipeline", int, float, Mapping[str, NDArray[Any]]], object]


def draw_seed() -> int:
    """A uint64 from the operating system's CSPRNG; never derived from a prompt."""
    return secrets.randbits(64)


@dataclass(frozen=True)
class Settings:
    """The public parameters of a run: the same for every candidate, and sent as they are."""

    steps: int = 25
    cloud_steps: int = 10
    guidance_scale: float = 5.0
    negative_prompt: str = ""
    sampler: str = "dpmpp_2m"
    handover: str = "restart"
    plan: str = DEFAULT_PLAN

    def __post_init__(self) -> None:
        if not 1 <= self.steps <= MAX_STEPS:
            raise InputError(f"steps must be between 1 and {MAX_STEPS}, not {self.steps}")
        if not 0 <= self.cloud_steps <= self.steps:
            raise InputError(f"cloud steps must be between 0 and steps ({self.steps}), not {self.cloud_steps}")
        if not 0.0 <= self.guidance_scale <= MAX_GUIDANCE:
            raise InputError(f"guidance must be between 0 and {MAX_GUIDANCE:g}, not {self.guidance_scale:g}")

    def request(self, candidates: Release, model: str, seed: int) -> GenerateRequest:
        """The one request of this run; :class:`InputError` for a parameter over a limit."""
        return candidates.request(
            model=model,
            seed=seed,
            steps=self.steps,
            cloud_steps=self.cloud_steps,
            guidance_scale=float(self.guidance_scale),
            negative_prompt=self.negative_prompt,
            sampler=self.sampler,
            handover=self.handover,
            plan=self.plan,
        )


class ObliviousPipeline:
    """Prompt to picture: closed set, cloud steps for all members, own latent, device steps, decoding."""

    def __init__(
        self, bundle: Bundle, runtime: Runtime, cloud: CloudClient | None = None, ledger: Ledger | None = None
    ) -> None:
        """Wire the parts; most callers use :meth:`from_bundle`."""
        self.bundle = bundle
        self.runtime = runtime
        self.cloud = cloud
        self.ledger = ledger
        self._tokenize = PromptTokenizer(bundle)
        self._cloud_checked = False

    @classmethod
    def from_bundle(
        cls,
        edge_bundle: str | os.PathLike[str],
        cloud: str | CloudClient | None = None,
        num_threads: int | None = None,
        ledger: Ledger | None = None,
    ) -> ObliviousPipeline:
        """Open an edge bundle (every sha256 checked) and remember the cloud's address. Nothing is sent.

        Args:
            ledger: enters every request; without one only k-subset's draws are entered, in the default folder.

        Raises:
            obclip_contract.BundleError: the bundle is missing, altered or of another kind.
            CloudError: the address is not an http(s) URL.
        """
        bundle = open_bundle(os.fspath(edge_bundle), "edge")
        client = CloudClient(cloud) if isinstance(cloud, str) else cloud
        return cls(bundle, open_runtime(bundle, num_threads), client, ledger)

    def __call__(
        self, prompt: str, *, callback_on_step_end: StepCallback | None = None, **arguments: Any
    ) -> PipelineOutput:
        """Make one picture; the other arguments and the errors are those of :meth:`steps`.

        ``callback_on_step_end(pipe, step, timestep, {"latents": …})`` runs after each device step, ``step``
        counted over all ``num_inference_steps`` as in diffusers. What it returns is not used; an exception
        it raises ends the run.
        """
        total = arguments.get("num_inference_steps", 25)
        output: PipelineOutput | None = None
        for event in self.steps(prompt, **arguments):
            if isinstance(event, Finished) and callback_on_step_end:
                step = total - event.total + event.index
                callback_on_step_end(self, step, event.timestep, {"latents": event.latents})
            if isinstance(event, Decoded):
                output = event.output
        assert output is not None
        return output

    def steps(
        self,
        prompt: str,
        *,
        num_inference_steps: int = 25,
        cloud_steps: int = 10,
        guidance_scale: float | None = None,
        negative_prompt: str = "",
        seed: int | None = None,
        sampler: str = "dpmpp_2m",
        handover: str = "restart",
        plan: str = DEFAULT_PLAN,
        privacy: Privacy | None = None,
    ) -> Iterator[PipelineEvent]:
        """The same as a generator of events (:mod:`edge_sdk.events`); closing it cancels the rest.

        Args:
            cloud_steps: steps k that the cloud does for all candidates; 0 sends nothing (device-only).
            guidance_scale: classifier-free guidance; the bundle's default if ``None``; 1 is none.
            negative_prompt: a public parameter, sent as it is; it may name no attribute.
            seed: uint64 of the noise, a public parameter; drawn from the operating system if ``None``.
            privacy: how the prompt is read and hidden; the defaults of :class:`Privacy` if ``None``.

        Raises:
            InputError: an argument over a limit, or a prompt that is too long. PrivacyError: no closed set, or
                the privacy budget is exhausted. LedgerError: k-subset, and the ledger cannot be used.
            CloudError: the cloud's part failed. obclip_contract.BundleError: the cloud serves another pair, or a
                graph cannot be loaded. DeviceError: the small model left the finite numbers.
        """
        # Drawn before the prompt is looked at, so that it cannot depend on it.
        seed = draw_seed() if seed is None else seed
        if not 0 <= seed < 2**64:
            raise InputError("the seed must be between 0 and 2^64 - 1")
        guidance = self.bundle.manifest.guidance_default if guidance_scale is None else guidance_scale
        settings = Settings(num_inference_steps, cloud_steps, guidance, negative_prompt, sampler, handover, plan)
        return self._run(prompt, settings, seed, privacy or Privacy())

    def decode(self, latents: NDArray[Any]) -> Image:
        """A picture of latents ``[1, C, H, W]`` at any step, for the result or a preview."""
        manifest = self.bundle.manifest
        unscaled = latents / np.float32(manifest.scaling_factor) + np.float32(manifest.shift_factor)
        return to_image(self.runtime.decode(unscaled.astype(np.float32)))

    def _run(self, prompt: str, settings: Settings, seed: int, privacy: Privacy) -> Iterator[PipelineEvent]:
        began, clock = time.perf_counter(), _Clock()
        candidates: Release | None = None
        request: GenerateRequest | None = None
        with clock("detect"):
            if settings.cloud_steps > 0 and privacy.mechanism != _LOCAL:
                candidates = release(prompt, privacy, negative_prompt=settings.negative_prompt, ledger=self.ledger)
                request = settings.request(candidates, self.bundle.manifest.model, seed)
            else:
                refuse_alone(prompt)
                settings = replace(settings, cloud_steps=0)
            words = candidates.true_member if candidates else prompt
            # Whatever the truth could be is measured, so that a refusal does not depend on it.
            count = self._tokenize.count
            self._tokenize.check(candidates.most_tokens(count) if candidates else count([prompt])[0])
            self._tokenize.check(count([settings.negative_prompt])[0], "the negative prompt")
        yield Detected(candidates, request)
        if candidates is None or request is None:
            begin = self._begin_here(settings, seed)
        else:
            with clock("cloud"):
                begin = self._begin_in_cloud(candidates, request)
            yield Received(begin.latent)
        latent = begin.latent
        with clock("finish"):
            states = self.runtime.encode_text(self._tokenize([words, settings.negative_prompt]))
        total = len(begin.idle.steps) + len(begin.table.steps)
        rows = finish(self.runtime, begin.idle, latent, states, settings.guidance_scale)  # thrown away
        for _ in begin.idle.steps:
            with clock("finish"):
                row = next(rows)
            yield Finished(row.index, total, row.timestep, latent)
        rows = finish(self.runtime, begin.table, latent, states, settings.guidance_scale, begin.previous_x0)
        for _ in begin.table.steps:
            with clock("finish"):
                row = next(rows)
            latent = row.latent
            yield Finished(len(begin.idle.steps) + row.index, total, row.timestep, latent)
        with clock("decode"):
            image = self.decode(latent)
        ms = {**clock.ms, "total": 1000 * (time.perf_counter() - began)}
        receipt = _receipt(candidates, request, settings, seed, begin, ms)
        yield Decoded(PipelineOutput([image], latent, receipt))

    def _begin_here(self, settings: Settings, seed: int) -> Begin:
        manifest = self.bundle.manifest
        try:
            table = sampler_table(settings.sampler, manifest.schedule, settings.steps)
        except SamplerError as error:
            raise InputError(str(error)) from None
        return Begin(standard_normal(seed, manifest.latent_shape)[None], table)

    def _begin_in_cloud(self, candidates: Release, request: GenerateRequest) -> Begin:
        manifest = self.bundle.manifest
        received = self._checked_client().latents(
            request, manifest.latent_shape, pair_sha256=manifest.pair_sha256
        )
        answer = received.response
        if (answer.cloud_steps, answer.plan) != (request.cloud_steps, request.plan):
            raise LatentError(
                f"the cloud did {answer.cloud_steps} steps by plan {answer.plan!r} and was asked for "
                f"{request.cloud_steps} by {request.plan!r}; the whole set is discarded"
            )
        schedule, sampler = manifest.schedule, request.sampler
        try:
            check_level(sampler, schedule, request.steps, request.cloud_steps, answer.log_snr)
            # Every member was received and validated by one rule; only now is the own one looked at.
            own = select(answer, candidates.index)
            begin = Begin(
                own.latent,
                finish_table(sampler, schedule, request.steps, own.log_snr, own.x0_log_snr),
                own.log_snr,
                own.x0,
                received.bytes_up,
                received.bytes_down,
            )
            return evened(begin, candidates, request, manifest) if candidates.may_miss else begin
        except SamplerError as error:
            raise LatentError(f"the cloud's hand-over cannot be continued: {error}") from None

    def _checked_client(self) -> CloudClient:
        """The client, once the cloud has shown that it serves this bundle's pair."""
        if self.cloud is None:
            raise InputError("no cloud was given: pass cloud=URL, or cloud_steps=0 to stay on the device")
        if not self._cloud_checked:
            report, manifest = self.cloud.health(), self.bundle.manifest
            if "pair_sha256" not in report:
                raise CloudError(f"{self.cloud.url} answers, but not as an ObCLIP engine")
            if (report["model"], report["pair_sha256"]) != (manifest.model, manifest.pair_sha256):
                raise BundleError(
                    f"{self.cloud.url} serves another pair than the edge bundle {self.bundle.root} "
                    f"({manifest.model}); use the two bundles of one export. No prompt was sent"
                )
            self._cloud_checked = True
        return self.cloud


class _Clock:
    """Adds up milliseconds by phase."""

    def __init__(self) -> None:
        self.ms = dict.fromkeys(_PHASES, 0.0)
        self._phase, self._began = "", 0.0

    def __call__(self, phase: str) -> _Clock:
        self._phase = phase
        return self

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.ms[self._phase] += 1000 * (time.perf_counter() - self._began)


def _receipt(
    candidates: Release | None,
    request: GenerateRequest | None,
    settings: Settings,
    seed: int,
    begin: Begin,
    ms: dict[str, float],
) -> Receipt:
    return Receipt(
        n=len(candidates.members) if candidates else 0,
        epsilon=candidates.epsilon if candidates else 0.0,
        epsilon_spent=candidates.spent if candidates else 0.0,
        epsilon_total=candidates.account.basic if candidates and candidates.account else None,
        bits=candidates.guarantee.bits if candidates else 0.0,
        guarantee=candidates.guarantee.says if candidates else "nothing left this device",
        hints=candidates.hints if candidates else (),
        mechanism=candidates.mechanism if candidates else _LOCAL,
        template=candidates.template if candidates else "",
        axes=tuple(axis.name for axis in candidates.grid.axes) if candidates else (),
        lexicon=LEXICON_VERSION,
        bytes_up=begin.bytes_up,
        bytes_down=begin.bytes_down,
        ms={phase: round(value, 1) for phase, value in ms.items()},
        cloud_steps=settings.cloud_steps,
        steps=settings.steps,
        plan=settings.plan if candidates else _LOCAL,
        seed=seed,
        request_sha256=request.sha256 if request else "",
        notes=candidates.notes if candidates else ("nothing left this device",),
    )
