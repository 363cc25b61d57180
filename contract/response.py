"""The one response: a safetensors body with the latents of every member, fp16, fixed size."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, deserialize
from safetensors.numpy import save

from . import limits
from .errors import ResponseError

RESPONSE_VERSION: Final = "1"
MEDIA_TYPE: Final = "application/vnd.obclip.latents+safetensors"
#: No schedule reaches this log-SNR with noise left; "inf" (a clean latent) is allowed.
_MAX_LOG_SNR: Final = 60.0
_METADATA: Final = ("version", "request_sha256", "cloud_steps", "log_snr", "x0_log_snr", "plan")


def _level(value: float | None) -> str:
    """A log-SNR as text of one width, so that a body's size tells nothing."""
    return f"{'none' if value is None else format(value, '+.12e'):>24}"


@dataclass(frozen=True)
class LatentsResponse:
    """All N latents after the cloud's steps, in the grid's order.

    Args:
        latents: float16 ``[N, C, H, W]``, already times the VAE's scaling factor.
        request_sha256: hex SHA-256 of the request body this answers.
        cloud_steps: steps done.
        log_snr: log-SNR of the latents (``inf``: clean).
        plan: the step plan that ran.
        x0: float16 ``[N, C, H, W]``, the last predicted x0 (hand-over "carry"), else ``None``.
        x0_log_snr: log-SNR at which ``x0`` was predicted.
    """

    latents: NDArray[np.float16]
    request_sha256: str
    cloud_steps: int
    log_snr: float
    plan: str
    x0: NDArray[np.float16] | None = None
    x0_log_snr: float | None = None

    def to_bytes(self) -> bytes:
        """Serialise; the size depends on model, N and hand-over only.

        Raises:
            ResponseError: a latent is not finite (nothing is returned then).
        """
        tensors = {"latents": self.latents}
        if self.x0 is not None:
            tensors["x0"] = self.x0
        for name, value in tensors.items():
            if value.dtype != np.float16 or value.ndim != 4:
                raise ResponseError(f"{name} must be float16 [N, C, H, W]")
            if not np.isfinite(value).all():
                raise ResponseError(f"{name} are not finite")
        metadata = {
            "version": RESPONSE_VERSION,
            "request_sha256": self.request_sha256,
            "cloud_steps": f"{self.cloud_steps:04d}",
            "log_snr": _level(self.log_snr),
            "x0_log_snr": _level(self.x0_log_snr),
            "plan": self.plan,
        }
        return save({k: np.ascontiguousarray(v) for k, v in tensors.items()}, metadata=metadata)

    @classmethod
    def from_bytes(
        cls, data: bytes, *, candidates: int, latent_shape: Sequence[int], request_sha256: str, carry: bool = False
    ) -> LatentsResponse:
        """Parse and check every member by one rule, before the caller picks any.

        Raises:
            ResponseError: truncated, over the cap, wrong names, shapes or types, not finite, or an answer
                to another request.
        """
        header = _header(data)
        metadata = header.get("__metadata__")
        if not isinstance(metadata, dict) or sorted(metadata) != sorted(_METADATA):
            raise ResponseError("the response's metadata are missing or not this version's")
        if metadata["version"] != RESPONSE_VERSION or metadata["request_sha256"] != request_sha256:
            raise ResponseError("the response answers another request or speaks another version")
        names = {"latents", "x0"} if carry else {"latents"}
        if set(header) - {"__metadata__"} != names:
            raise ResponseError(f"the response must hold exactly: {', '.join(sorted(names))}")
        tensors = _tensors(data, (candidates, *latent_shape))
        try:
            steps, level = int(metadata["cloud_steps"]), float(metadata["log_snr"])
            x0_level = float(metadata["x0_log_snr"]) if carry else None
        except ValueError:
            raise ResponseError("the response's metadata are not numbers") from None
        if not level > -_MAX_LOG_SNR or (x0_level is not None and not -_MAX_LOG_SNR < x0_level < level):
            raise ResponseError("the response's noise level is out of range")
        return cls(
            latents=tensors["latents"],
            request_sha256=request_sha256,
            cloud_steps=steps,
            log_snr=level,
            plan=str(metadata["plan"]),
            x0=tensors.get("x0"),
            x0_log_snr=x0_level,
        )


def _header(data: bytes) -> dict[str, Any]:
    """The safetensors header, with its length checked before it is parsed."""
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
        header = json.loads(data[8 : 8 + length])
    except (ValueError, RecursionError):
        raise ResponseError("the response's header is not JSON") from None
    if not isinstance(header, dict):
        raise ResponseError("the response's header is not an object")
    return header


def _tensors(data: bytes, shape: tuple[int, ...]) -> dict[str, NDArray[np.float16]]:
    try:
        entries = deserialize(data)
    except SafetensorError:
        raise ResponseError("the response is truncated or not safetensors") from None
    out: dict[str, NDArray[np.float16]] = {}
    for name, entry in entries:
        if entry["dtype"] != "F16" or tuple(entry["shape"]) != shape:
            raise ResponseError(f"{name} must be float16 of shape {list(shape)}")
        out[name] = np.frombuffer(entry["data"], dtype="<f2").reshape(shape).astype(np.float16)
    # One rule for all members: which one failed is not said, and no member is looked at first.
    if not all(bool(np.isfinite(v).all()) for v in out.values()):
        raise ResponseError("the response holds values that are not finite; the whole set is discarded")
    return out
