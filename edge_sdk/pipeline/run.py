"""One picture as a generator of events. All of a run's state is in its generator, so runs cannot mix."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any, Final

from numpy.typing import NDArray

from obclip_contract import (
    Bundle,
    GenerateRequest,
    SamplerError,
    standard_normal,
    unscale,
)

from ..attributes import LEXICON_VERSION
from ..cancelling import Cancellation
from ..device.finishing import computed_idle_rows, computed_rows, finish
from ..device.handover import Grid, check_level, take_over
from ..device.images import to_image, to_pixels
from ..device.selection import select
from ..device.start import Start
from ..device.tokenizer import PromptTokenizer
from ..errors import LatentError
from ..events import Decoded, Detected, Finished, PipelineEvent, PipelineOutput, Received
from ..ledger import Ledger
from ..privacy import Release, release
from ..privacy.limits import check_prompt
from ..privacy.rules import refuse_alone
from ..receipt import Receipt
from ..runtimes.protocol import Runtime
from .arguments import Job
from .cloud import CheckedCloud
from .settings import Settings

__all__ = ["Events", "Parts", "decode", "run_steps"]

#: Events out; in, the latents that a step's callback asks to go on from.
Events = Generator[PipelineEvent, NDArray[Any] | None, None]
_LOCAL: Final = "local"
_PHASES: Final = ("detect", "cloud", "finish", "decode")


@dataclass(frozen=True)
class Parts:
    """What a run works with; a pipeline that is changed later changes no run that has begun."""

    bundle: Bundle
    runtime: Runtime
    tokenize: PromptTokenizer
    cloud: CheckedCloud
    ledger: Ledger | None


def decode(parts: Parts, latents: NDArray[Any]) -> NDArray[Any]:
    """Latents ``[1, C, H, W]`` to a picture ``[1, 3, S, S]`` in [-1, 1]."""
    manifest = parts.bundle.manifest
    return parts.runtime.decode(unscale(latents, manifest.scaling_factor, manifest.shift_factor))


@dataclass(frozen=True)
class _Told:
    """What the prompt was turned into. ``words``: what the device's own encoder reads."""

    settings: Settings
    words: str
    candidates: Release | None = None
    request: GenerateRequest | None = None


def run_steps(parts: Parts, job: Job, stop: Cancellation) -> Events:
    """Make one picture. It is stopped between any two calls of a graph, and while it waits for the cloud."""
    began, clock = time.perf_counter(), _Clock()
    stop.check()
    with clock("detect"):
        told = _read(parts, job)
    yield Detected(told.candidates, told.request)
    stop.check()
    start, traffic = _begin_here(parts, job, told.settings), _NO_TRAFFIC
    if told.candidates is not None and told.request is not None:
        with clock("cloud"):
            start, traffic = _begin_in_cloud(parts, told.candidates, told.request, told.settings.own_grid, stop)
        yield Received(_locked(start.latent))
    latent = yield from _finish(parts, told, start, clock, stop)
    stop.check()
    with clock("decode"):
        image: Any = latent[0] if job.output_type == "latent" else None
        if image is None:
            decoded = decode(parts, latent)
            image = to_image(decoded) if job.output_type == "pil" else to_pixels(decoded)[0]
    ms = {**clock.ms, "total": 1000 * (time.perf_counter() - began)}
    receipt = _receipt(told, job.seed, traffic, ms)
    images = [image] if job.output_type == "pil" else image[None]
    yield Decoded(PipelineOutput(images, latent.copy(), (receipt,)))


def _read(parts: Parts, job: Job) -> _Told:
    """The prompt as it will be sent, or the prompt itself where nothing is; refused by the same rules."""
    settings, privacy, manifest = job.settings, job.privacy, parts.bundle.manifest
    if settings.k == 0 or privacy.mechanism == _LOCAL:
        check_prompt(job.prompt)
        refuse_alone(job.prompt)
        told = _Told(replace(settings, cloud_steps=0), job.prompt)
    else:
        found = release(job.prompt, privacy, negative_prompt=settings.negative_prompt, ledger=parts.ledger)
        request = settings.request(found, manifest.model, job.seed)
        told = _Told(settings, found.true_member, found, request)
    count, check = parts.tokenize.count, parts.tokenize.check
    # Whatever the truth could be is measured, so that a refusal does not depend on it.
    check(told.candidates.most_tokens(count) if told.candidates else count([job.prompt])[0])
    check(count([settings.negative_prompt])[0], "the negative prompt")
    return told


def _finish(
    parts: Parts, told: _Told, start: Start, clock: _Clock, stop: Cancellation
) -> Generator[PipelineEvent, NDArray[Any] | None, NDArray[Any]]:
    """The device's steps; returns the last latent."""
    latent = start.latent
    idle, count, stride, done = len(start.idle.steps), len(start.table.steps), told.settings.device_stride, 0
    asked = {False: computed_idle_rows(idle, count, stride), True: computed_rows(count, stride)}
    with clock("finish"):
        states = parts.runtime.encode_text(parts.tokenize([told.words, told.settings.negative_prompt]))
    for table, kept in ((start.idle, False), (start.table, True)):
        x0 = start.x0 if kept else None
        rows = finish(parts.runtime, table, latent, states, told.settings.own_guidance, x0, asked[kept])
        changed: NDArray[Any] | None = None
        with closing(rows):
            for _ in table.steps:
                stop.check()
                with clock("finish"):
                    row = rows.send(changed)
                latent = row.latent if kept else latent
                changed = yield Finished(done, idle + count, row.timestep, _locked(latent), row.computed)
                latent = latent if changed is None else changed
                done += 1
    return latent


def _begin_here(parts: Parts, job: Job, settings: Settings) -> Start:
    manifest = parts.bundle.manifest
    noise = standard_normal(job.seed, manifest.latent_shape)[None]
    return Start(noise, table=settings.table(manifest))


@dataclass(frozen=True)
class _Traffic:
    bytes_up: int = 0
    bytes_down: int = 0
    cloud: str = ""


_NO_TRAFFIC: Final = _Traffic()


def _begin_in_cloud(
    parts: Parts, candidates: Release, request: GenerateRequest, grid: Grid, stop: Cancellation
) -> tuple[Start, _Traffic]:
    manifest = parts.bundle.manifest
    received = parts.cloud.latents(request, stop)
    answer = received.response
    if (answer.cloud_steps, answer.plan) != (request.cloud_steps, request.plan):
        raise LatentError(
            f"the cloud did {answer.cloud_steps} steps by plan {answer.plan!r} and was asked for "
            f"{request.cloud_steps} by {request.plan!r}; the whole set is discarded"
        )
    try:
        check_level(request.sampler, manifest.schedule, request.steps, request.cloud_steps, answer.log_snr)
        # Every member was received and validated by one rule; only now is the own one looked at.
        start = take_over(select(answer, candidates.index), candidates, request, manifest, grid)
    except SamplerError as error:
        raise LatentError(f"the cloud's hand-over cannot be continued: {error}") from None
    return start, _Traffic(received.bytes_up, received.bytes_down, received.url)


def _locked(latents: NDArray[Any]) -> NDArray[Any]:
    """The same numbers, which cannot be written to: a caller's accident does not change the run."""
    view = latents.view()
    view.flags.writeable = False
    return view


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


def _receipt(told: _Told, seed: int, traffic: _Traffic, ms: dict[str, float]) -> Receipt:
    candidates, request, settings = told.candidates, told.request, told.settings
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
        bytes_up=traffic.bytes_up,
        bytes_down=traffic.bytes_down,
        cloud=traffic.cloud,
        ms={phase: round(value, 1) for phase, value in ms.items()},
        cloud_steps=settings.k,
        steps=settings.steps,
        plan=settings.plan if candidates else _LOCAL,
        seed=seed,
        request_sha256=request.sha256 if request else "",
        notes=candidates.notes if candidates else ("nothing left this device",),
    )
