"""What device and cloud agree on: samplers, noise, the closed set, messages, bundles. See SPEC.md."""

from . import limits
from .bundle import (
    Bundle,
    BundleManifest,
    FileEntry,
    GraphSpec,
    TensorSpec,
    TokenizerSpec,
    open_bundle,
    read_manifest,
    sha256_file,
    write_bundle,
)
from .errors import BundleError, ContractError, RequestError, ResponseError, SamplerError
from .grid import Axis, Phrase, PromptGrid, article, escape
from .noise import philox4x32, standard_normal
from .request import GenerateRequest
from .response import MEDIA_TYPE, LatentsResponse
from .sampler import SAMPLERS, SamplerStep, SamplerTable, apply_step, finish_table, sampler_table
from .schedule import NoiseSchedule

__all__ = [
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
    "SamplerStep",
    "SamplerTable",
    "TensorSpec",
    "TokenizerSpec",
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
