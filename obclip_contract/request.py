"""The one request a device sends: canonical JSON, padded to a length bucket.

Nothing in it depends on which member is real: it is a function of the template, the public parameters
and a seed drawn before the prompt was read. Only the canonical bytes are accepted, so that a request has
one form and spacing, key order or spelling carry nothing.
"""

from __future__ import annotations

import hashlib
import json
import math
import operator
import re
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from . import defaults, limits
from .errors import RequestError
from .faults import describe_fault
from .grid import Axis, Phrase, PromptGrid, check_text

REQUEST_VERSION: Final = 1
HANDOVERS: Final = ("restart", "carry")
DEFAULT_PLAN: Final = defaults.PLAN
_IDENTIFIER: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
_GUIDANCE_UNIT: Final = 10**limits.GUIDANCE_DECIMALS
#: Two digits before the point at most, no leading zero, always all decimals.
_GUIDANCE: Final = rf"^(0|[1-9][0-9]?)\.[0-9]{{{limits.GUIDANCE_DECIMALS}}}$"


_SEED: Final = r"^[0-9a-f]{16}$"
_PAD: Final = r"^ *$"
#: What the patterns are called in messages.
_FORMS: Final = {
    _IDENTIFIER: "1 to 64 letters, digits, '.', '_' or '-', with a letter or digit first",
    _GUIDANCE: f'a number as text with exactly {limits.GUIDANCE_DECIMALS} decimals, such as "7.5000"',
    _SEED: "16 lower-case hex digits",
    _PAD: "spaces alone",
}


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class _WireAxis(_Strict):
    name: str
    values: list[str] = Field(max_length=limits.MAX_VALUES_PER_AXIS)


class _WirePhrase(_Strict):
    axes: list[int] = Field(max_length=limits.MAX_AXES)
    text: list[str] = Field(max_length=limits.MAX_CANDIDATES)


_WireRow = Annotated[list[int], Field(max_length=limits.MAX_AXES)]


class _WireGrid(_Strict):
    template: str = Field(max_length=limits.MAX_TEMPLATE_CHARS)
    axes: list[_WireAxis] = Field(max_length=limits.MAX_AXES)
    phrases: dict[str, _WirePhrase] = Field(max_length=limits.MAX_PHRASES)
    rows: list[_WireRow] | None = Field(default=None, max_length=limits.MAX_CANDIDATES)


class _WireRequest(_Strict):
    version: int = Field(ge=REQUEST_VERSION, le=REQUEST_VERSION)  # Literal[1] would take true
    model: Annotated[str, Field(pattern=_IDENTIFIER)]
    lexicon: Annotated[str, Field(pattern=_IDENTIFIER)]
    grid: _WireGrid
    negative_prompt: str = Field(max_length=limits.MAX_NEGATIVE_CHARS)
    guidance_scale: Annotated[str, Field(pattern=_GUIDANCE)]
    sampler: Literal["ddim", "dpmpp_2m"]
    steps: int = Field(ge=1, le=limits.MAX_STEPS)
    cloud_steps: int = Field(ge=1, le=limits.MAX_STEPS)
    seed: Annotated[str, Field(pattern=_SEED)]
    handover: Literal["restart", "carry"]
    plan: Annotated[str, Field(pattern=_IDENTIFIER)]
    pad: Annotated[str, Field(pattern=_PAD)]


@dataclass(frozen=True)
class GenerateRequest:
    """What the cloud is asked: all members of ``grid``, from one noise, for ``cloud_steps`` of ``steps``.

    Args:
        model: identifier of the model pair.
        lexicon: version of the attribute lexicon that made the grid.
        seed: uint64 of the shared noise, stream 0.
        guidance_scale: classifier-free guidance, 0 to 30; 1 is none. Rounded to four decimals here, so that
            both sides compute with the number that is sent.
        handover: "restart" (latents only) or "carry" (latents and the last x0).
        plan: name of the server's step plan.

    Raises:
        RequestError: a field breaks a limit of the contract.
    """

    model: str
    lexicon: str
    grid: PromptGrid
    seed: int
    guidance_scale: float = defaults.GUIDANCE
    negative_prompt: str = ""
    sampler: str = defaults.SAMPLER
    steps: int = defaults.STEPS
    cloud_steps: int = defaults.CLOUD_STEPS
    handover: str = defaults.HANDOVER
    plan: str = defaults.PLAN
    version: int = field(default=REQUEST_VERSION)

    def __post_init__(self) -> None:
        object.__setattr__(self, "seed", _seed(self.seed))
        object.__setattr__(self, "guidance_scale", _guidance(self.guidance_scale))
        _validate(self._wire(""))
        check_text("negative_prompt", self.negative_prompt, limits.MAX_NEGATIVE_CHARS)
        if self.cloud_steps > self.steps:
            raise RequestError("cloud_steps", f"{self.cloud_steps} is more than steps ({self.steps})")
        self.to_bytes()

    def _wire(self, pad: str) -> dict[str, object]:
        grid = self.grid
        rows = {} if grid.rows is None else {"rows": [list(row) for row in grid.rows]}
        units = round(self.guidance_scale * _GUIDANCE_UNIT)
        return {
            "version": self.version,
            "model": self.model,
            "lexicon": self.lexicon,
            "grid": {
                "template": grid.template,
                "axes": [{"name": a.name, "values": list(a.values)} for a in grid.axes],
                "phrases": {n: {"axes": list(p.axes), "text": list(p.text)} for n, p in grid.phrases.items()},
                **rows,
            },
            "negative_prompt": self.negative_prompt,
            "guidance_scale": f"{units // _GUIDANCE_UNIT}.{units % _GUIDANCE_UNIT:0{limits.GUIDANCE_DECIMALS}d}",
            "sampler": self.sampler,
            "steps": self.steps,
            "cloud_steps": self.cloud_steps,
            "seed": f"{self.seed:016x}",
            "handover": self.handover,
            "plan": self.plan,
            "pad": pad,
        }

    def to_bytes(self) -> bytes:
        """Canonical JSON (sorted keys, no spaces, UTF-8), padded to 512·2^i bytes.

        The length is that of the smallest bucket which holds the body and :meth:`_room`.

        Raises:
            RequestError: longer than the largest bucket (never for a request that exists).
        """
        bare = _canonical(self._wire(""))
        if len(bare) > limits.MAX_REQUEST_BYTES:
            raise RequestError("request", f"over {limits.MAX_REQUEST_BYTES} bytes; shorten the prompt")
        size = limits.REQUEST_BUCKET_BYTES
        while size < max(len(bare), self._room()):
            size *= 2
        return _canonical(self._wire(" " * (size - len(bare))))

    def _room(self) -> int:
        """Bytes that a body has at least: by the texts' length bucket and N, not by which axes there are."""
        texts = len(self.grid.template.encode("utf-8")) + len(self.negative_prompt.encode("utf-8"))
        bucket = limits.REQUEST_TEXT_BUCKET_BYTES
        while bucket < texts:
            bucket *= 2
        room = limits.REQUEST_ROOM_BYTES + limits.REQUEST_ROOM_PER_TEXT_BYTE * bucket
        return room + limits.REQUEST_ROOM_PER_CANDIDATE * self.grid.count

    @property
    def sha256(self) -> str:
        """Hex SHA-256 of :meth:`to_bytes`; a response names it."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    @classmethod
    def from_bytes(cls, data: bytes) -> GenerateRequest:
        """Parse strictly: unknown, missing or wrongly typed fields, broken limits and other forms are refused.

        Raises:
            RequestError: with the field's path; the message never repeats the prompt's words.
        """
        wire = _validate(_parse(data))
        grid = PromptGrid(
            wire.grid.template,
            tuple(Axis(a.name, tuple(a.values)) for a in wire.grid.axes),
            {n: Phrase(tuple(p.axes), tuple(p.text)) for n, p in wire.grid.phrases.items()},
            None if wire.grid.rows is None else tuple(tuple(row) for row in wire.grid.rows),
        )
        plain = wire.model_dump(exclude={"grid", "seed", "pad", "guidance_scale"})
        request = cls(grid=grid, seed=int(wire.seed, 16), guidance_scale=float(wire.guidance_scale), **plain)
        if request.to_bytes() != data:
            raise RequestError(
                "request", "not in canonical form: sorted keys, no spaces, UTF-8, 'pad' up to the next 512·2^i bytes"
            )
        return request


def request_schema(ref_template: str) -> dict[str, Any]:
    """JSON Schema of the wire form; a body must also be canonical and padded, which no schema says."""
    return _WireRequest.model_json_schema(ref_template=ref_template)


def _seed(value: Any) -> int:
    try:
        seed = operator.index(value)
    except TypeError:
        raise RequestError("seed", "must be a whole number") from None
    if isinstance(value, bool) or not 0 <= seed < 2**64:
        raise RequestError("seed", "must be a whole number between 0 and 2^64 - 1")
    return seed


def _guidance(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise RequestError("guidance_scale", "must be a number") from None
    if isinstance(value, (bool, str)) or not 0.0 <= number <= limits.MAX_GUIDANCE or math.isnan(number):
        raise RequestError("guidance_scale", f"must be a number between 0 and {limits.MAX_GUIDANCE:g}")
    return round(number * _GUIDANCE_UNIT) / _GUIDANCE_UNIT


def _no_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    out = dict(pairs)
    if len(out) != len(pairs):
        raise ValueError("repeated key")
    return out


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _parse(data: bytes) -> object:
    if len(data) > limits.MAX_REQUEST_BYTES:
        raise RequestError("request", f"over {limits.MAX_REQUEST_BYTES} bytes")
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except (ValueError, RecursionError):  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise RequestError("request", "the body is not one JSON object in UTF-8 without repeated keys") from None


def _canonical(wire: dict[str, object]) -> bytes:
    return json.dumps(wire, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def _validate(raw: object) -> _WireRequest:
    try:
        return _WireRequest.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        # Below "phrases", keys are the sender's own names: only well-formed ones are repeated.
        where = ".".join(p if re.fullmatch(r"[a-z0-9_]{1,64}", p) else "?" for p in map(str, first["loc"]))
        raise RequestError(where or "request", describe_fault(first, _FORMS)) from None
