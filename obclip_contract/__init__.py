"""What device and cloud agree on: samplers, noise, the closed set, messages, bundles. See SPEC.md."""

from . import limits
from .articles import article
from .bundle import Bundle, UnverifiedBundleWarning, open_bundle, read_manifest, sha256_file, write_bundle
from .errors import BundleError, ContractError, RequestError, ResponseError, SamplerError
from .grid import Axis, Phrase, PromptGrid, escape
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
    "escape",
    "finish_table",
    "limits",
    "open_bundle",
    "philox4x32",
    "read_manifest",
    "sampler_table",
    "sha256_file",
    "standard_normal",
    "write_bundle",
]
