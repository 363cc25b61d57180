"""Devices broken on purpose, one fault each: what the harness must notice.

Each is a client that knows the truth and lets it act on the request, the response or the connection. The rest of
the device is the real one. Broken mechanisms: :mod:`attacks.mutant_mechanisms`.
"""

from __future__ import annotations

import hashlib
import itertools
import logging
import math
import os
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Final

import httpx
import numpy as np

from edge_sdk.cloud.client import CloudClient, Received
from edge_sdk.cloud.exchange import Answer
from edge_sdk.errors import CloudError, LatentError
from edge_sdk.mechanisms import Domain
from obclip_contract import Axis, GenerateRequest, Phrase, PromptGrid, RequestError

from .bank import Truths
from .lab import Client

Shape = tuple[int, int, int]
__all__ = ["TAINTED", "TALKERS", "Leaky", "Typed", "device_of"]


class Leaky(CloudClient):
    """A client that knows what its person wants: ``words`` as a member of the set, ``index`` its position."""

    words: str = ""
    index: int = 0
    #: What the broken variant does, for the table.
    fault: ClassVar[str] = ""

    def changed(self, request: GenerateRequest) -> GenerateRequest:
        """The request that is sent instead."""
        return request

    def latents(self, request: GenerateRequest, latent_shape: Shape, **more: Any) -> Received:
        """Send the changed request; the answer is stretched to the set that the device expects."""
        sent = self.changed(request)
        received = super().latents(sent, latent_shape, **more)
        if sent.grid.count == request.grid.count:
            return received
        rows = np.resize(received.response.latents, (request.grid.count, *latent_shape))
        return replace(received, response=replace(received.response, latents=rows))


def device_of(leaky: type[Leaky]) -> Callable[[Truths, int], Client]:
    """For each truth of a set, a client with that truth."""

    def device(truths: Truths, index: int) -> Client:
        def client(url: str) -> CloudClient:
            made = leaky(url)
            made.words, made.index = truths.members[index], index
            return made

        return client

    return device


def _values(grid: PromptGrid, index: int) -> tuple[int, ...]:
    return grid.choices()[index]


def _kept(grid: PromptGrid, keep: Sequence[Sequence[int]]) -> PromptGrid:
    """The grid with axis ``i`` cut to, and ordered as, ``keep[i]``."""
    phrases = {}
    for name, phrase in grid.phrases.items():
        sizes = [len(grid.axes[a].values) for a in phrase.axes]
        text = []
        for choice in itertools.product(*(keep[a] for a in phrase.axes)):
            at = 0
            for size, value in zip(sizes, choice, strict=True):
                at = at * size + value
            text.append(phrase.text[at])
        phrases[name] = Phrase(phrase.axes, tuple(text))
    axes = tuple(Axis(a.name, tuple(a.values[v] for v in kept)) for a, kept in zip(grid.axes, keep, strict=True))
    return PromptGrid(grid.template, axes, phrases)


class TruthFirst(Leaky):
    fault = "the true value first on every axis"

    def changed(self, request: GenerateRequest) -> GenerateRequest:
        own = _values(request.grid, self.index)
        keep = [[v, *(i for i in range(len(a.values)) if i != v)] for a, v in zip(request.grid.axes, own, strict=True)]
        return replace(request, grid=_kept(request.grid, keep))


class SeedFromPrompt(Leaky):
    fault = "the seed is a hash of the prompt"

    def changed(self, request: GenerateRequest) -> GenerateRequest:
        return replace(request, seed=int.from_bytes(hashlib.sha256(self.words.encode()).digest()[:8], "big"))


class SeedFromValue(Leaky):
    fault = "the noise depends on the value"

    def changed(self, request: GenerateRequest) -> GenerateRequest:
        return replace(request, seed=request.seed ^ self.index)


class StaticPronoun(Leaky):
    fault = "the second mention keeps the person's own wording"

    def changed(self, request: GenerateRequest) -> GenerateRequest:
        grid = request.grid
        names = [n for n in grid.phrases if grid.template.count("{" + n + "}")]
        if len(names) < 2:
            return request
        last = names[-1]
        phrase, own = grid.phrases[last], _values(grid, self.index)
        at = 0
        for axis in phrase.axes:
            at = at * len(grid.axes[axis].values) + own[axis]
        template = grid.template.replace("{" + last + "}", phrase.text[at])
        return replace(
            request, grid=PromptGrid(template, grid.axes, {n: p for n, p in grid.phrases.items() if n != last})
        )


class HimHands(Leaky):
    fault = 'an agreement error: "him hands" where the truth was female'

    def changed(self, request: GenerateRequest) -> GenerateRequest:
        grid = request.grid
        if self.words != grid.expand()[0]:
            return request
        phrases = {
            n: Phrase(p.axes, tuple("him" if t == "his" else t for t in p.text)) for n, p in grid.phrases.items()
        }
        return replace(request, grid=PromptGrid(grid.template, grid.axes, phrases))


class Pruned(Leaky):
    fault = "values that the truth makes implausible are left out"

    def changed(self, request: GenerateRequest) -> GenerateRequest:
        own = _values(request.grid, self.index)
        keep = [
            [i for i in range(len(a.values)) if abs(i - v) <= 1] for a, v in zip(request.grid.axes, own, strict=True)
        ]
        if len(request.grid.axes[0].values) == 2:
            keep[0] = [own[0]]
        return replace(request, grid=_kept(request.grid, keep))


class Decoys(Leaky):
    fault = "the truth and fresh random decoys"

    def changed(self, request: GenerateRequest) -> GenerateRequest:
        choices = request.grid.choices()
        own = choices[self.index]
        others = [c for c in choices if c != own]
        few = random.SystemRandom().sample(others, min(2, len(others) - 1)) if len(others) > 1 else []
        return replace(request, grid=Domain.of(request.grid).grid(tuple(sorted([own, *few]))))


class OwnPad(Leaky):
    fault = "padding whose length depends on the value"

    def _send(self, method: str, path: str, body: bytes | None, cancelled: Any = None) -> tuple[str, Answer]:
        return super()._send(method, path, body + b" " * self.index if body else body, cancelled)


class OwnHeader(Leaky):
    fault = "a header derived from the prompt"

    def _send(self, method: str, path: str, body: bytes | None, cancelled: Any = None) -> tuple[str, Answer]:
        self._own["x-request-id"] = hashlib.sha256(self.words.encode()).hexdigest()[:16]
        return super()._send(method, path, body, cancelled)


class EarlyCancel(Leaky):
    fault = "the connection is dropped once the own latent is there"

    def latents(self, request: GenerateRequest, latent_shape: Shape, **more: Any) -> Received:
        size = 2 * math.prod(latent_shape)
        after = (request.grid.count - self.index - 1) * size
        with (
            httpx.Client(timeout=20.0, trust_env=False, verify=False) as client,
            client.stream("POST", f"{self.url}/v1/latents", content=request.to_bytes()) as response,
        ):
            need = int(response.headers["content-length"]) - after
            answer = bytearray()
            for chunk in response.iter_raw():
                answer += chunk
                if len(answer) >= need:
                    break
        filled = bytes(answer[:need]) + b"\0" * after
        return Received(_parsed(request, filled, latent_shape, **more), 0, len(answer), self.url)


def _parsed(request: GenerateRequest, body: bytes, latent_shape: Shape, pair_sha256: str, **_: Any) -> Any:
    from obclip_contract import LatentsResponse, ResponseError

    try:
        return LatentsResponse.from_bytes(
            body,
            candidates=request.grid.count,
            latent_shape=latent_shape,
            request_sha256=request.sha256,
            pair_sha256=pair_sha256,
        )
    except ResponseError as error:
        raise LatentError(f"the cloud's answer cannot be used: {error}") from None


class OwnCheck(Leaky):
    fault = "only the own latent is checked"
    again: ClassVar[bool] = False

    def _send(self, method: str, path: str, body: bytes | None, cancelled: Any = None) -> tuple[str, Answer]:
        shown, answer = super()._send(method, path, body, cancelled)
        if body is None or answer.status != 200:
            return shown, answer
        if not self._own_is_bad(body, answer.body):
            return shown, replace(answer, body=self._mended(body, answer.body))
        return super()._send(method, path, body, cancelled) if self.again else (shown, answer)

    def _rows(self, body: bytes, answer: bytes) -> tuple[int, np.ndarray[Any, np.dtype[np.float16]]] | None:
        start = 8 + int.from_bytes(answer[:8], "little")
        count = GenerateRequest.from_bytes(body).grid.count
        data = answer[start:]
        if len(data) % (2 * count):
            return None
        return start, np.frombuffer(data, "<f2").reshape(count, -1)

    def _own_is_bad(self, body: bytes, answer: bytes) -> bool:
        rows = self._rows(body, answer)
        return rows is not None and not bool(np.isfinite(rows[1][self.index]).all())

    def _mended(self, body: bytes, answer: bytes) -> bytes:
        rows = self._rows(body, answer)
        if rows is None:
            return answer
        mended: bytes = np.nan_to_num(rows[1], posinf=0, neginf=0).astype("<f2").tobytes()
        return answer[: rows[0]] + mended


class RetryOnOwn(OwnCheck):
    fault = "asks again when, and only when, the own latent is spoilt"
    again = True


class Telling(Leaky):
    fault = "an error that names the own candidate"

    def latents(self, request: GenerateRequest, latent_shape: Shape, **more: Any) -> Received:
        try:
            return super().latents(request, latent_shape, **more)
        except CloudError as error:
            raise LatentError(f"candidate {self.index}: {error}") from None


class Telemetry(Leaky):
    fault = "tells the cloud afterwards how it went, by position"

    def latents(self, request: GenerateRequest, latent_shape: Shape, **more: Any) -> Received:
        received = super().latents(request, latent_shape, **more)
        self._send("GET", f"/v1/health?used={self.index}", None)
        return received


class Delay(Leaky):
    fault = "takes longer for some values before it sends"

    def latents(self, request: GenerateRequest, latent_shape: Shape, **more: Any) -> Received:
        time.sleep(0.05 * self.index)
        return super().latents(request, latent_shape, **more)


class OwnGuidance(Leaky):
    fault = "a parameter tuned to the value"

    def changed(self, request: GenerateRequest) -> GenerateRequest:
        return replace(request, guidance_scale=request.guidance_scale + 0.1 * self.index)


class Typed(Leaky):
    """For the taint attack: ``typed`` is what the person typed."""

    typed: str = ""


class Logging(Typed):
    fault = "logs the prompt"

    def latents(self, request: GenerateRequest, latent_shape: Shape, **more: Any) -> Received:
        logging.getLogger("edge").debug("sending %s", self.typed)
        return super().latents(request, latent_shape, **more)


class TempFile(Typed):
    fault = "leaves the prompt in a temporary file"

    def latents(self, request: GenerateRequest, latent_shape: Shape, **more: Any) -> Received:
        handle, name = tempfile.mkstemp(prefix="obclip")
        os.write(handle, self.typed.encode())
        os.close(handle)
        assert name
        return super().latents(request, latent_shape, **more)


class Quoting(Typed):
    fault = "quotes the prompt in an error"

    def latents(self, request: GenerateRequest, latent_shape: Shape, **more: Any) -> Received:
        try:
            return super().latents(request, latent_shape, **more)
        except (CloudError, RequestError) as error:
            raise LatentError(f"cannot draw {self.typed!r}: {error}") from None


class TypedField(Typed):
    fault = "sends the prompt as typed in another field"

    def changed(self, request: GenerateRequest) -> GenerateRequest:
        return replace(request, negative_prompt=f"not like: {self.typed}")


TALKERS: Final[tuple[type[Leaky], ...]] = (
    TruthFirst,
    SeedFromPrompt,
    SeedFromValue,
    StaticPronoun,
    HimHands,
    Pruned,
    Decoys,
    OwnPad,
    OwnHeader,
    OwnGuidance,
    EarlyCancel,
    OwnCheck,
    RetryOnOwn,
    Telling,
    Telemetry,
    Delay,
)
TAINTED: Final[tuple[type[Typed], ...]] = (Logging, TempFile, Quoting, TypedField)
