"""What device and cloud agree on: samplers, noise, the closed set, messages, bundles. See SPEC.md.

Importing this package is light: a name's module is loaded when the name is first asked for. It also switches off
other libraries' telemetry (:mod:`obclip_contract.telemetry`), so every package of this project imports it first.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from . import telemetry

if TYPE_CHECKING:
    from . import defaults, limits
    from .articles import article
    from .bundle import Bundle, UnverifiedBundleWarning, open_bundle, read_manifest, sha256_file, write_bundle
    from .errors import BundleError, ContractError, ObclipError, RequestError, ResponseError, SamplerError
    from .framing import frame_tokens
    from .grid import Axis, Phrase, PromptGrid, escape
    from .latents import MAX_PSNR, guide, is_guided, psnr, unscale
    from .limits import (
        MAX_ABS_LOG_SNR,
        MAX_AXES,
        MAX_CANDIDATES,
        MAX_GUIDANCE,
        MAX_MANIFEST_BYTES,
        MAX_MEMBER_CHARS,
        MAX_NAME_CHARS,
        MAX_NEGATIVE_CHARS,
        MAX_PHRASE_CHARS,
        MAX_PHRASES,
        MAX_REQUEST_BYTES,
        MAX_RESPONSE_BYTES,
        MAX_RESPONSE_HEADER_BYTES,
        MAX_STEPS,
        MAX_TEMPLATE_CHARS,
        MAX_TRAIN_TIMESTEPS,
        MAX_VALUES_PER_AXIS,
    )
    from .manifest import BundleManifest, FileEntry, GraphSpec, SamplerSpec, SignatureSpec, TensorSpec, TokenizerSpec
    from .noise import philox4x32, standard_normal
    from .request import DEFAULT_PLAN, GenerateRequest
    from .response import MEDIA_TYPE, LatentsResponse
    from .sampler import SAMPLERS, SamplerStep, SamplerTable, apply_step, finish_table, sampler_table
    from .schedule import NoiseSchedule

telemetry.switch_off()

__all__ = [
    "DEFAULT_PLAN",
    "MAX_ABS_LOG_SNR",
    "MAX_AXES",
    "MAX_CANDIDATES",
    "MAX_GUIDANCE",
    "MAX_MANIFEST_BYTES",
    "MAX_MEMBER_CHARS",
    "MAX_NAME_CHARS",
    "MAX_NEGATIVE_CHARS",
    "MAX_PHRASES",
    "MAX_PHRASE_CHARS",
    "MAX_PSNR",
    "MAX_REQUEST_BYTES",
    "MAX_RESPONSE_BYTES",
    "MAX_RESPONSE_HEADER_BYTES",
    "MAX_STEPS",
    "MAX_TEMPLATE_CHARS",
    "MAX_TRAIN_TIMESTEPS",
    "MAX_VALUES_PER_AXIS",
    "MEDIA_TYPE",
    "SAMPLERS",
    "Axis",
    "Bundle",
    "BundleError",
    "BundleManifest",
    "ContractError",
    "FileEntry",
    "GenerateRequest",
    "GraphSpec",
    "LatentsResponse",
    "NoiseSchedule",
    "ObclipError",
    "Phrase",
    "PromptGrid",
    "RequestError",
    "ResponseError",
    "SamplerError",
    "SamplerSpec",
    "SamplerStep",
    "SamplerTable",
    "SignatureSpec",
    "TensorSpec",
    "TokenizerSpec",
    "UnverifiedBundleWarning",
    "apply_step",
    "article",
    "defaults",
    "escape",
    "finish_table",
    "frame_tokens",
    "guide",
    "is_guided",
    "limits",
    "open_bundle",
    "philox4x32",
    "psnr",
    "read_manifest",
    "sampler_table",
    "sha256_file",
    "standard_normal",
    "unscale",
    "write_bundle",
]

_HOMES: Final = {
    "articles": "article",
    "bundle": "Bundle UnverifiedBundleWarning open_bundle read_manifest sha256_file write_bundle",
    "errors": "BundleError ContractError ObclipError RequestError ResponseError SamplerError",
    "framing": "frame_tokens",
    "grid": "Axis Phrase PromptGrid escape",
    "latents": "MAX_PSNR guide is_guided psnr unscale",
    "limits": (
        "MAX_ABS_LOG_SNR MAX_AXES MAX_CANDIDATES MAX_GUIDANCE MAX_MANIFEST_BYTES MAX_MEMBER_CHARS "
        "MAX_NAME_CHARS MAX_NEGATIVE_CHARS MAX_PHRASE_CHARS MAX_PHRASES MAX_REQUEST_BYTES "
        "MAX_RESPONSE_BYTES MAX_RESPONSE_HEADER_BYTES MAX_STEPS MAX_TEMPLATE_CHARS "
        "MAX_TRAIN_TIMESTEPS MAX_VALUES_PER_AXIS"
    ),
    "manifest": "BundleManifest FileEntry GraphSpec SamplerSpec SignatureSpec TensorSpec TokenizerSpec",
    "noise": "philox4x32 standard_normal",
    "request": "DEFAULT_PLAN GenerateRequest",
    "response": "MEDIA_TYPE LatentsResponse",
    "sampler": "SAMPLERS SamplerStep SamplerTable apply_step finish_table sampler_table",
    "schedule": "NoiseSchedule",
}
_HOME: Final = {name: module for module, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name in ("defaults", "limits"):
        return import_module(f".{name}", __name__)
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value  # asked for once
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
