"""The whole path of one picture, called like a diffusers pipeline."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from contract import (
    Bundle,
    BundleError,
    GenerateRequest,
    SamplerError,
    SamplerTable,
    finish_table,
    open_bundle,
    sampler_table,
    standard_normal,
)
from contract.limits import MAX_GUIDANCE, MAX_STEPS

from .attributes import LEXICON_VERSION
from .candidates import CandidateSet, candidate_set
from .errors import CloudError, InputError, LatentError
from .finishing import finish
from .images import to_image
from .receipt import Receipt
from .runtimes.litert import LiteRtRuntime
from .runtimes.protocol import Float32, Runtime
from .selection import select, validate_all
from .tokenizer import PromptTokenizer
from .transport import CloudClient

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["ObliviousPipeline", "PipelineOutput", "PipelineStep", "Settings", "draw_seed"]

_LOCAL: Final = "local"
StepCallback = Callable[["ObliviousPipeline", int, float, Mapping[str, Float32]], object]


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
    plan: str = "naive"

    def __post_init__(self) -> None:
        if not 1 <= self.steps <= MAX_STEPS:
            raise InputError(f"steps must be between 1 and {MAX_STEPS}, not {self.steps}")
        if not 0 <= self.cloud_steps <= self.steps:
            raise InputError(f"cloud steps must be between 0 and steps ({self.steps}), not {self.cloud_steps}")
        if not 0.0 <= self.guidance_scale <= MAX_GUIDANCE:
            raise InputError(f"guidance must be between 0 and {MAX_GUIDANCE:g}, not {self.guidance_scale:g}")

    def request(self, candidates: CandidateSet, model: str, seed: int) -> GenerateRequest:
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


@dataclass(frozen=True)
class PipelineOutput:
    """``images`` holds one Pillow image; ``latents`` its float32 ``[C, H, W]``; ``receipt`` what left the device."""

    images: list[Image]
    latents: Float32
    receipt: Receipt


@dataclass(frozen=True)
class PipelineStep:
    """One event of a run.

    ``phase`` "detect": the set is known and nothing was sent yet (``candidates``, ``request``; both ``None``
    without a cloud part). "cloud": all latents have arrived. "finish": one more device step is done.
    "decode": ``output`` is there. ``step`` of ``total`` counts finished denoising steps, the cloud's
    included; ``latents`` float32 ``[C, H, W]`` can be previewed with :meth:`ObliviousPipeline.decode`.
    """

    phase: Literal["detect", "cloud", "finish", "decode"]
    step: int
    total: int
    timestep: float | None = None
    latents: Float32 | None = field(default=None, repr=False)
    candidates: CandidateSet | None = field(default=None, repr=False)
    request: GenerateRequest | None = field(default=None, repr=False)
    output: PipelineOutput | None = None


@dataclass(frozen=True)
class _Start:
    """Where the device begins: its latent, the rows still to do, and what is known about the sending."""

    latent: Float32
    table: SamplerTable
    previous_x0: Float32 | None
    sent: dict[str, Any]


class ObliviousPipeline:
    """Prompt to picture: closed set, cloud steps for all members, own latent, device steps, decoding."""

    def __init__(self, bundle: Bundle, runtime: Runtime, cloud: CloudClient | None = None) -> None:
        """Wire the parts; most callers use :meth:`from_bundle`."""
        self.bundle = bundle
        self.runtime = runtime
        self.cloud = cloud
        self._tokenizer = PromptTokenizer(bundle)
        self._cloud_checked = False

    @classmethod
    def from_bundle(
        cls,
        edge_bundle: str | os.PathLike[str],
        cloud: str | CloudClient | None = None,
        *,
        num_threads: int | None = None,
    ) -> ObliviousPipeline:
        """Open an edge bundle (every sha256 checked) and remember the cloud's address. Nothing is sent.

        Raises:
            contract.BundleError: the bundle is missing, altered or of another kind.
            InputError: the address is not an http(s) URL.
        """
        bundle = open_bundle(os.fspath(edge_bundle), "edge")
        client = CloudClient(cloud) if isinstance(cloud, str) else cloud
        return cls(bundle, LiteRtRuntime(bundle, num_threads), client)

    def __enter__(self) -> ObliviousPipeline:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Free the loaded graphs."""
        self.runtime.close()

    def __call__(
        self,
        prompt: str,
        *,
        num_inference_steps: int = 25,
        cloud_steps: int = 10,
        guidance_scale: float | None = None,
        negative_prompt: str = "",
        seed: int | None = None,
        callback_on_step_end: StepCallback | None = None,
        **settings: Any,
    ) -> PipelineOutput:
        """Make one picture; see :meth:`steps` for the arguments and errors.

        ``callback_on_step_end(pipe, step, timestep, {"latents": …})`` runs after each device step, ``step``
        counted over all ``num_inference_steps`` as in diffusers. What it returns is not used; an exception
        it raises ends the run.
        """
        run = self.steps(
            prompt,
            num_inference_steps=num_inference_steps,
            cloud_steps=cloud_steps,
            guidance_scale=guidance_scale,
            negative_prompt=negative_prompt,
            seed=seed,
            **settings,
        )
        output: PipelineOutput | None = None
        for event in run:
            if event.phase == "finish" and callback_on_step_end and event.latents is not None:
                callback_on_step_end(self, event.step - 1, event.timestep or 0.0, {"latents": event.latents})
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
        plan: str = "naive",
    ) -> Iterator[PipelineStep]:
        """The same as a generator of :class:`PipelineStep`; closing it cancels the rest.

        Args:
            cloud_steps: steps k that the cloud does for all candidates; 0 sends nothing (device-only).
            guidance_scale: classifier-free guidance; the bundle's default if ``None``; 1 is none.
            negative_prompt: a public parameter, sent as it is.
            seed: uint64 of the noise, a public parameter; drawn from the operating system if ``None``.

        Raises:
            InputError: an argument over a limit, or a prompt that is too long. PrivacyError: no closed set.
            CloudError: the cloud's part failed. contract.BundleError: the cloud serves another pair, or a
                graph cannot be loaded. DeviceError: the small model left the finite numbers.
        """
        # Drawn before the prompt is looked at, so that it cannot depend on it.
        seed = draw_seed() if seed is None else seed
        if not 0 <= seed < 2**64:
            raise InputError("the seed must be between 0 and 2^64 - 1")
        guidance = self.bundle.manifest.guidance_default if guidance_scale is None else guidance_scale
        settings = Settings(num_inference_steps, cloud_steps, guidance, negative_prompt, sampler, handover, plan)
        return self._run(prompt, settings, seed)

    def decode(self, latents: Float32) -> Image:
        """A picture of latents ``[C, H, W]`` at any step, for the result or a preview."""
        manifest = self.bundle.manifest
        unscaled = latents / np.float32(manifest.scaling_factor) + np.float32(manifest.shift_factor)
        return to_image(self.runtime.decode(unscaled[None].astype(np.float32))[0])

    def _run(self, prompt: str, settings: Settings, seed: int) -> Iterator[PipelineStep]:
        total, began, clock = settings.steps, time.perf_counter(), _Clock()
        local = settings.cloud_steps == 0
        candidates: CandidateSet | None = None
        request: GenerateRequest | None = None
        with clock("detect"):
            if not local:
                candidates = candidate_set(prompt)
                request = settings.request(candidates, self.bundle.manifest.model, seed)
            self._check_lengths(candidates.members if candidates else (prompt,), settings.negative_prompt)
        yield PipelineStep("detect", 0, total, candidates=candidates, request=request)
        if candidates is None or request is None:
            start = self._start_locally(settings, seed)
        else:
            with clock("cloud"):
                start = self._start_in_cloud(candidates, request)
            yield PipelineStep("cloud", settings.cloud_steps, total, latents=start.latent)
        words = candidates.true_member if candidates else prompt
        latent, count = start.latent, len(start.table.steps)
        with clock("finish"):
            hidden = self.runtime.encode_text(self._tokenizer.encode([settings.negative_prompt, words]))
        rows = finish(self.runtime, start.table, latent, hidden, settings.guidance_scale, start.previous_x0)
        for _ in range(count):
            with clock("finish"):
                row = next(rows)
            latent = row.latent
            yield PipelineStep("finish", total - count + row.index + 1, total, row.timestep, latent)
        with clock("decode"):
            image = self.decode(latent)
        ms = {**clock.ms, "total": 1000 * (time.perf_counter() - began)}
        receipt = _receipt(candidates, settings, seed, start.sent, ms)
        yield PipelineStep("decode", total, total, None, latent, output=PipelineOutput([image], latent, receipt))

    def _check_lengths(self, members: tuple[str, ...], negative_prompt: str) -> None:
        self._tokenizer.check(members, "the prompt")
        self._tokenizer.check([negative_prompt], "the negative prompt")

    def _start_locally(self, settings: Settings, seed: int) -> _Start:
        manifest = self.bundle.manifest
        try:
            table = sampler_table(settings.sampler, manifest.schedule, settings.steps)
        except SamplerError as error:
            raise InputError(str(error)) from None
        return _Start(standard_normal(seed, manifest.latent_shape), table, None, {})

    def _start_in_cloud(self, candidates: CandidateSet, request: GenerateRequest) -> _Start:
        manifest = self.bundle.manifest
        client = self._checked_client()
        exchange = client.latents(request, manifest.latent_shape)
        response, n = exchange.response, len(candidates.members)
        # Every member of both tensors is validated before the own one is looked at.
        if response.x0 is not None:
            validate_all(response.x0, n)
        latent = select(response.latents, candidates.index, n)
        previous = None if response.x0 is None else select(response.x0, candidates.index, n)
        try:
            table = finish_table(
                request.sampler, manifest.schedule, request.steps, response.log_snr, response.x0_log_snr
            )
        except SamplerError as error:
            raise LatentError(f"the cloud's hand-over cannot be continued: {error}") from None
        sent = {
            "bytes_up": exchange.bytes_up,
            "bytes_down": exchange.bytes_down,
            "attempts": exchange.attempts,
            "request_sha256": exchange.request_sha256,
        }
        return _Start(latent, table, previous, sent)

    def _checked_client(self) -> CloudClient:
        """The client, once the cloud has shown that it serves this bundle's pair."""
        if self.cloud is None:
            raise InputError("no cloud was given: pass cloud=URL, or cloud_steps=0 to stay on the device")
        if not self._cloud_checked:
            report, manifest = self.cloud.health(), self.bundle.manifest
            if "pair_sha256" not in report:
                raise CloudError(f"{self.cloud.url} answers, but not as a cloud engine of this system")
            if (report.get("model"), report["pair_sha256"]) != (manifest.model, manifest.pair_sha256):
                raise BundleError(
                    f"{self.cloud.url} serves another pair than the edge bundle {self.bundle.root} "
                    f"({manifest.model}); use the two bundles of one export. No prompt was sent"
                )
            self._cloud_checked = True
        return self.cloud


class _Clock:
    """Adds up milliseconds by phase."""

    def __init__(self) -> None:
        self.ms = dict.fromkeys(("detect", "cloud", "finish", "decode"), 0.0)
        self._phase, self._began = "", 0.0

    def __call__(self, phase: str) -> _Clock:
        self._phase = phase
        return self

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.ms[self._phase] += 1000 * (time.perf_counter() - self._began)


def _receipt(
    candidates: CandidateSet | None, settings: Settings, seed: int, sent: dict[str, Any], ms: dict[str, float]
) -> Receipt:
    nothing = {"bytes_up": 0, "bytes_down": 0, "attempts": 0, "request_sha256": ""}
    return Receipt(
        mechanism=candidates.mechanism if candidates else _LOCAL,
        epsilon=candidates.epsilon if candidates else 0.0,
        n=len(candidates.members) if candidates else 0,
        template=candidates.template if candidates else "",
        axes=tuple(axis.name for axis in candidates.grid.axes) if candidates else (),
        lexicon=LEXICON_VERSION,
        cloud_steps=settings.cloud_steps,
        steps=settings.steps,
        plan=settings.plan if candidates else _LOCAL,
        seed=seed,
        ms=ms,
        notes=candidates.notes if candidates else ("nothing left this device",),
        **(nothing | sent),
    )
