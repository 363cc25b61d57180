"""The one response: a safetensors body with the latents of every member, fp16, fixed size.

The body is safetensors in one fixed layout (SPEC.md, section "Response"), so that equal content is equal
bytes and a reader of any language needs nothing but JSON. Any safetensors library reads it too.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from . import limits
from .errors import ResponseError

#: 2 since the pair's hash is in the metadata.
RESPONSE_VERSION: Final = "2"
MEDIA_TYPE: Final = "application/vnd.obclip.latents+safetensors"
_METADATA: Final = ("cloud_steps", "log_snr", "pair_sha256", "plan", "request_sha256", "version", "x0_log_snr")
_PLAN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_STEPS: Final = re.compile(r"[0-9]{4}")
_LEVEL: Final = re.compile(r" {5}[+-][0-9]\.[0-9]{12}e[+-][0-9]{2}")
_LEVEL_WIDTH: Final = 24
#: The header is padded so that the data begins at a multiple of this, as safetensors' own writer does.
_ALIGN: Final = 8


@dataclass(frozen=True)
class LatentsResponse:
    """All N latents after the cloud's steps, in the grid's order.

    Args:
        latents: float16 ``[N, C, H, W]``, already times the VAE's scaling factor.
        request_sha256: hex SHA-256 of the request body this answers.
        pair_sha256: of the bundle that made them; equal in the device's bundle of the same pair.
        cloud_steps: steps done.
        log_snr: log-SNR of the latents (``inf``: clean).
        plan: the step plan that ran.
        x0: float16 ``[N, C, H, W]``, the last predicted x0 (hand-over "carry"), else ``None``.
        x0_log_snr: log-SNR at which ``x0`` was predicted; given exactly when ``x0`` is.
    """

    latents: NDArray[np.float16]
    request_sha256: str
    pair_sha256: str
    cloud_steps: int
    log_snr: float
    plan: str
    x0: NDArray[np.float16] | None = None
    x0_log_snr: float | None = None

    def to_bytes(self) -> bytes:
        """Serialise; the size depends on model, N, plan name and hand-over only.

        Raises:
            ResponseError: a value that a reader would refuse; nothing is returned then.
        """
        tensors = {"latents": self.latents}
        if self.x0 is not None:
            tensors["x0"] = self.x0
        if (self.x0 is None) != (self.x0_log_snr is None):
            raise ResponseError("x0 and x0_log_snr belong together: give both or neither")
        for name, value in tensors.items():
            if value.dtype != np.float16 or value.ndim != 4 or value.shape != self.latents.shape:
                raise ResponseError(f"{name} must be float16 [N, C, H, W], all of one shape")
        _check_finite(tensors)
        metadata = {
            "cloud_steps": f"{self.cloud_steps:04d}",
            "log_snr": _level_text(self.log_snr),
            "pair_sha256": self.pair_sha256,
            "plan": self.plan,
            "request_sha256": self.request_sha256,
            "version": RESPONSE_VERSION,
            "x0_log_snr": _level_text(self.x0_log_snr),
        }
        _check_metadata(metadata, self.x0 is not None)
        header = _header_bytes(metadata, list(tensors), self.latents.shape)
        parts = [struct.pack("<Q", len(header)), header, *(v.astype("<f2").tobytes() for v in tensors.values())]
        body = b"".join(parts)
        if len(body) > limits.MAX_RESPONSE_BYTES:
            raise ResponseError(f"the response would be over {limits.MAX_RESPONSE_BYTES} bytes: too many candidates")
        return body

    @classmethod
    def from_bytes(
        cls,
        data: bytes,
        *,
        candidates: int,
        latent_shape: Sequence[int],
        request_sha256: str,
        pair_sha256: str,
        carry: bool = False,
    ) -> LatentsResponse:
        """Parse and check every member by one rule, before the caller picks any.

        Args:
            candidates: N of the request.
            latent_shape: ``[C, H, W]`` of the model.
            request_sha256: of the request that was sent.
            pair_sha256: of the device's bundle.
            carry: the request's hand-over was "carry".

        Raises:
            ResponseError: truncated, over the cap, wrong names, shapes or types, not finite, an answer
                to another request, or from another pair.
        """
        header, start = _header(data)
        metadata = header.get("__metadata__")
        if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
            raise ResponseError("the response has no metadata")
        _check_metadata(metadata, carry)
        if metadata["request_sha256"] != request_sha256:
            raise ResponseError("the response answers another request")
        if metadata["pair_sha256"] != pair_sha256:
            raise ResponseError(
                "the response comes from another pair of models than this device's bundle; use the two bundles of one "
                "export, on every machine of the cloud"
            )
        names = ["latents", "x0"] if carry else ["latents"]
        shape = (candidates, *latent_shape)
        # The only layout there is: anything else in the header is refused before a byte of data is read.
        if data[8:start] != _header_bytes(metadata, names, shape):
            raise ResponseError(f"the response must hold exactly {' and '.join(names)}, float16 of shape {list(shape)}")
        size = 2 * math.prod(shape)
        if len(data) != start + size * len(names):
            raise ResponseError(f"the response is truncated or too long: {len(data)} bytes")
        tensors = {
            name: np.frombuffer(data, "<f2", math.prod(shape), start + i * size).reshape(shape).astype(np.float16)
            for i, name in enumerate(names)
        }
        _check_finite(tensors)
        return cls(
            latents=tensors["latents"],
            request_sha256=request_sha256,
            pair_sha256=pair_sha256,
            cloud_steps=int(metadata["cloud_steps"]),
            log_snr=float(metadata["log_snr"]),
            plan=metadata["plan"],
            x0=tensors.get("x0"),
            x0_log_snr=float(metadata["x0_log_snr"]) if carry else None,
        )


def _level_text(value: float | None) -> str:
    """A log-SNR as text of one width: C's ``%+.12e``, or "inf", or "none", right-aligned."""
    text = "none" if value is None else "inf" if value == math.inf else format(value, "+.12e")
    return text.rjust(_LEVEL_WIDTH)


def _check_level(name: str, text: str, may_be_clean: bool) -> None:
    if may_be_clean and text == _level_text(math.inf):
        return
    if not _LEVEL.fullmatch(text) or abs(float(text)) > limits.MAX_ABS_LOG_SNR:
        raise ResponseError(f"the response's {name} is not a noise level within ±{limits.MAX_ABS_LOG_SNR:g}")


def _check_metadata(metadata: Mapping[str, str], carry: bool) -> None:
    if sorted(metadata) != list(_METADATA) or metadata["version"] != RESPONSE_VERSION:
        raise ResponseError(f"the response is not of version {RESPONSE_VERSION}, or its metadata are incomplete")
    if not all(_SHA256.fullmatch(metadata[k]) for k in ("request_sha256", "pair_sha256")):
        raise ResponseError("the response's request_sha256 or pair_sha256 is malformed")
    if not _PLAN.fullmatch(metadata["plan"]):
        raise ResponseError("the response's plan is malformed")
    steps = metadata["cloud_steps"]
    if not _STEPS.fullmatch(steps) or not 1 <= int(steps) <= limits.MAX_STEPS:
        raise ResponseError(f"the response's cloud_steps is not between 1 and {limits.MAX_STEPS}")
    _check_level("log_snr", metadata["log_snr"], may_be_clean=True)
    if not carry:
        if metadata["x0_log_snr"] != _level_text(None):
            raise ResponseError("the response's x0_log_snr must be none without x0")
        return
    _check_level("x0_log_snr", metadata["x0_log_snr"], may_be_clean=False)
    if not float(metadata["x0_log_snr"]) < float(metadata["log_snr"]):
        raise ResponseError("the response's x0 must come from a noisier level than its latents")


def _header_bytes(metadata: Mapping[str, str], names: Sequence[str], shape: Sequence[int]) -> bytes:
    """The header's one form: metadata first, keys sorted, no spaces, padded with spaces to 8 bytes."""
    size = 2 * math.prod(shape)
    header: dict[str, object] = {"__metadata__": {k: metadata[k] for k in _METADATA}}
    for i, name in enumerate(names):
        header[name] = {"dtype": "F16", "shape": list(shape), "data_offsets": [i * size, (i + 1) * size]}
    text = json.dumps(header, separators=(",", ":")).encode("ascii")
    return text + b" " * (-len(text) % _ALIGN)


def _header(data: bytes) -> tuple[dict[str, Any], int]:
    """The header and where the data begin; every length is checked before it is used."""
    if len(data) > limits.MAX_RESPONSE_BYTES:
        raise ResponseError(f"the response is over {limits.MAX_RESPONSE_BYTES} bytes")
    if len(data) < 8:
        raise ResponseError("the response is truncated")
    (length,) = struct.unpack("<Q", data[:8])
    if length > limits.MAX_RESPONSE_HEADER_BYTES:
        raise ResponseError("the response's header is too long")
    if len(data) < 8 + length:
        raise ResponseError("the response is truncated")
    try:
        header = json.loads(data[8 : 8 + length].decode("utf-8"))
    except (ValueError, RecursionError):
        raise ResponseError("the response's header is not JSON") from None
    if not isinstance(header, dict):
        raise ResponseError("the response's header is not an object")
    return header, 8 + length


def _check_finite(tensors: Mapping[str, NDArray[np.float16]]) -> None:
    # One rule for all members: which one failed is not said, and no member is looked at first.
    if not all(bool(np.isfinite(v).all()) for v in tensors.values()):
        raise ResponseError("the response holds values that are not finite; the whole set is discarded")
