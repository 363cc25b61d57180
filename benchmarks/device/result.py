"""What every runner of the device's benchmark writes: one JSON document for each run.

``device.schema.json`` beside this file is the same as JSON Schema, for the runners in other languages
(``obclip bench device --schema`` prints it, and a test holds the two together).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ..errors import BenchmarkError

FORMAT: Final = "obclip-device-benchmark/1"
SCHEMA_FILE: Final = Path(__file__).with_name("device.schema.json")
#: The device's graphs: two texts, one call of the small UNet (two rows), one picture decoded.
Phase = Literal["text", "step", "decode"]
PHASES: Final[tuple[Phase, ...]] = ("text", "step", "decode")
#: A phase counts if it was run so often and for so long after its warm-up, in the manner of MLPerf Mobile (which asks
#: for 60 seconds; three phases of it would heat a phone before the first result).
LEAST_COUNT: Final = 5
LEAST_SECONDS: Final = 2.0
LEAST_WARMUP: Final = 1

Milliseconds = Annotated[float, Field(gt=0)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


#: What ends in tables and on terminals: no line breaks, no control characters.
Text = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]


class Device(_Model):
    """Where it ran. ``emulated``: an emulator or a translated instruction set; its times mean nothing."""

    name: Text = Field(min_length=1)
    system: Text = Field(min_length=1)
    cores: int | None = Field(default=None, ge=1)
    memory_mib: float | None = Field(default=None, gt=0)
    emulated: bool = False


class Runner(_Model):
    """Which of the SDKs measured, and what ran the graphs."""

    sdk: Literal["python", "kotlin", "swift", "web"]
    runtime: Text = Field(min_length=1)
    version: Text
    threads: int | None = Field(default=None, ge=1)


class Accelerator(_Model):
    """What was asked for and what ran. ``whole``: every operator ran there; none: the runtime does not tell."""

    asked: Literal["cpu", "gpu", "npu"]
    used: Literal["cpu", "gpu", "npu"]
    whole: bool | None = None
    detail: Text = ""


class Pair(_Model):
    """Which model was measured."""

    model: Text = Field(min_length=1)
    pair_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    precision: Text = Field(min_length=1)


class Times(_Model):
    """Milliseconds of repeated calls, after ``warmup`` that were not counted."""

    median: Milliseconds
    low_quartile: Milliseconds
    high_quartile: Milliseconds
    least: Milliseconds
    most: Milliseconds
    count: int = Field(ge=1)
    warmup: int = Field(ge=0)
    seconds: float = Field(gt=0)

    @model_validator(mode="after")
    def _in_order(self) -> Times:
        order = (self.least, self.low_quartile, self.median, self.high_quartile, self.most)
        if list(order) != sorted(order):
            raise ValueError("least, quartiles, median and most are not in order")
        return self


class Load(_Model):
    """Milliseconds from files to graphs that can be called: the process's first time, and later ones."""

    cold: Milliseconds
    warm: Times


class Result(_Model):
    """One run on one device. ``thermal`` is the platform's own word for the hotter of before and after."""

    format: Literal["obclip-device-benchmark/1"] = FORMAT
    device: Device
    runner: Runner
    accelerator: Accelerator
    pair: Pair
    load: Load
    phases: dict[Phase, Times]
    peak_memory_mib: float | None = Field(default=None, gt=0)
    thermal: Literal["nominal", "fair", "serious", "critical"] | None = None
    taken_at: str = Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")

    @model_validator(mode="after")
    def _all_phases(self) -> Result:
        if set(self.phases) != set(PHASES):
            raise ValueError(f"the phases are {', '.join(PHASES)}")
        return self

    @property
    def faults(self) -> tuple[str, ...]:
        """Why its times do not count; none: they do. Worked out here, so that no runner can judge itself."""
        found = []
        if self.device.emulated:
            found.append("emulated: shows that it runs, not how fast")
        if self.accelerator.used != self.accelerator.asked:
            found.append(f"{self.accelerator.asked} was asked for and {self.accelerator.used} ran")
        elif self.accelerator.whole is False:
            found.append(f"only a part ran on the {self.accelerator.used}")
        if self.thermal in ("serious", "critical"):
            found.append(f"the device was hot ({self.thermal})")
        for name, times in self.phases.items():
            if times.count < LEAST_COUNT:
                found.append(f"{name}: {times.count} calls, at least {LEAST_COUNT} are needed")
            if times.seconds < LEAST_SECONDS:
                found.append(f"{name}: {times.seconds:.1f} seconds, at least {LEAST_SECONDS:g} are needed")
            if times.warmup < LEAST_WARMUP:
                found.append(f"{name}: no call to warm up")
        return tuple(found)

    def to_json(self) -> str:
        """The file's text, with a final newline."""
        return json.dumps(self.model_dump(mode="json"), indent=1) + "\n"


def schema() -> str:
    """The format as JSON Schema."""
    return json.dumps(Result.model_json_schema(), indent=1) + "\n"


def read_result(path: Path) -> Result:
    """A result's file, strictly.

    Raises:
        BenchmarkError: it cannot be read, or is no such result.
    """
    try:
        return Result.model_validate_json(path.read_bytes())
    except OSError as error:
        raise BenchmarkError(f"{path} cannot be read: {error.strerror or error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise BenchmarkError(f"{path} is no result of a device's benchmark: {where}: {first['msg']}") from None
