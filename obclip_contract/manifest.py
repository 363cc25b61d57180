"""``bundle.json``: its schema, its one serialisation and its strict parser."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from . import defaults
from .errors import BundleError, SamplerError
from .faults import describe_fault
from .schedule import NoiseSchedule

FORMAT_VERSION: Final = 1
Kind = Literal["cloud", "edge"]
_HEX = r"^[0-9a-f]{64}$"
_FORMS = {_HEX: "64 lower-case hex digits"}
_Sha256 = Annotated[str, Field(pattern=_HEX)]
_Positive = Annotated[int, Field(gt=0)]
_Token = Annotated[int, Field(ge=0)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class TensorSpec(_Model):
    """One input or output; a string in ``shape`` names a free dimension ("batch")."""

    name: str
    shape: list[int | str]
    dtype: str


class SignatureSpec(_Model):
    """One named way to call a graph, with tensors of its own shapes."""

    name: str
    inputs: list[TensorSpec]
    outputs: list[TensorSpec]


class GraphSpec(_Model):
    """One compiled graph, or a diffusers folder (``format`` "diffusers"; ``file`` is its prefix).

    ``inputs`` and ``outputs`` are the first signature's. ``chunks``: pieces of a graph that was cut, run in order;
    each takes the graph's inputs and the outputs of those before it, by name.
    """

    role: str
    format: str
    precision: str = "fp32"
    file: str
    inputs: list[TensorSpec] = Field(default_factory=list)
    outputs: list[TensorSpec] = Field(default_factory=list)
    signatures: list[SignatureSpec] = Field(default_factory=list)
    chunks: list[str] = Field(default_factory=list)


#: Numbers of a row of :class:`SamplerSpec`, in order: the fields of :class:`obclip_contract.sampler.SamplerStep`.
SAMPLER_COLUMNS: Final = (
    "timestep",
    "log_snr",
    "x0_from_latent",
    "x0_from_model",
    "next_from_latent",
    "next_from_x0",
    "next_from_previous",
)
_Row = Annotated[list[float], Field(min_length=len(SAMPLER_COLUMNS), max_length=len(SAMPLER_COLUMNS))]


class SamplerSpec(_Model):
    """The default run as plain data: one row of coefficients per step, see SPEC.md, "Samplers"."""

    kind: str
    rows: list[_Row] = Field(min_length=1)


class FileEntry(_Model):
    """One file: POSIX path inside the bundle, hex SHA-256, size in bytes."""

    path: str
    sha256: _Sha256
    bytes: int = Field(ge=0)


class TokenizerSpec(_Model):
    """The tokenizer's file (``tokenizers`` JSON) and what batching needs."""

    file: str
    max_length: _Positive
    bos_id: _Token
    eos_id: _Token
    pad_id: _Token


class BundleManifest(_Model):
    """``bundle.json``. ``pair_sha256`` is over the shared text encoder, tokenizer and VAE of a pair.

    ``verified`` is false where graphs were not compared with their source or failed; ``unverified`` names those.
    """

    format_version: Literal[1] = 1
    kind: Kind
    model: str
    graphs: list[GraphSpec]
    files: list[FileEntry] = Field(default_factory=list)
    latent_shape: tuple[_Positive, _Positive, _Positive]
    image_size: _Positive
    scaling_factor: float = Field(gt=0)
    shift_factor: float = 0.0
    noise_schedule: dict[str, Any]
    sampler: SamplerSpec | None = None
    guidance_default: float = Field(default=defaults.GUIDANCE, ge=0)
    tokenizer: TokenizerSpec
    lexicon: str
    licences: dict[str, str] = Field(default_factory=dict)
    tools: dict[str, str] = Field(default_factory=dict)
    verified: bool = True
    unverified: list[str] = Field(default_factory=list)
    pair_sha256: _Sha256

    @model_validator(mode="after")
    def _one_verdict(self) -> Self:
        if self.verified and self.unverified:
            raise ValueError("a verified bundle names no unverified graph")
        return self

    @property
    def schedule(self) -> NoiseSchedule:
        """The model's noise schedule.

        Raises:
            BundleError: ``noise_schedule`` is not one (never for a manifest that was read from a bundle).
        """
        try:
            return NoiseSchedule.from_dict(self.noise_schedule)
        except SamplerError as error:
            raise BundleError(f"noise_schedule: {error}") from None

    def to_bytes(self) -> bytes:
        """The file's bytes: JSON with sorted keys, an indent of 1 and a final newline."""
        return (json.dumps(self.model_dump(mode="json"), indent=1, sort_keys=True) + "\n").encode("ascii")


def parse_manifest(data: bytes) -> BundleManifest:
    """A manifest's bytes, strictly.

    Raises:
        BundleError: not JSON, another format version, or another schema.
    """
    try:
        raw = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise BundleError("not JSON") from None
    version = raw.get("format_version") if isinstance(raw, dict) else None
    if version != FORMAT_VERSION or isinstance(version, bool):
        raise BundleError(f"format version {str(version)[:20]}; this version reads {FORMAT_VERSION}: export again")
    try:
        manifest = BundleManifest.model_validate_json(data, strict=True)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(re.sub(r"[^\w.-]", "?", str(p))[:64] for p in first["loc"])
        raise BundleError(f"{where or 'manifest'}: {describe_fault(first, _FORMS)}") from None
    _ = manifest.schedule
    return manifest


def manifest_schema() -> dict[str, Any]:
    """JSON Schema of ``bundle.json``, published as ``obclip_contract/bundle.schema.json``."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **BundleManifest.model_json_schema()}


def schema_text() -> str:
    """The published file's text."""
    return json.dumps(manifest_schema(), indent=1, sort_keys=True) + "\n"
