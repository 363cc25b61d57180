"""Which command writes which result file, how long that takes, and what it needs.

To add a benchmark: one ``Benchmark`` below; a renderer in ``benchmarks/report`` where the general table does not do.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..errors import BenchmarkError

RESULTS: Final = Path("benchmarks") / "results"
#: In an argument: the file to write, a folder for this run alone, and the folder with the bundles ``cloud`` and
#: ``edge``.
OUT, WORK, BUNDLES = "{out}", "{work}", "{bundles}"


@dataclass(frozen=True)
class Benchmark:
    """A result file and the command that writes it."""

    name: str
    """The file below ``benchmarks/results``, without ``.json``."""
    command: tuple[str, ...]
    """``obclip …``, ``python -m …`` or a script; ``{out}`` is the file to write. Empty: nothing writes it any more."""
    minutes: float
    """About, on two quiet cores of an AMD EPYC."""
    needs: tuple[str, ...] = ()
    """Names in ``needs.NEEDS``; or, where nothing can write it again, the reason."""
    quick: tuple[str, ...] = ()
    """A reduced form with the same keys, or empty: there is none."""
    printed: bool = False
    """The command prints the JSON instead of writing it."""
    product: str = ""
    """The file in the folder for this run alone that is the result, where the command does not take its name."""
    wrapped: str = ""
    """The committed file holds several runs under this key; the command writes one."""

    @property
    def file(self) -> str:
        """The file below the folder of results."""
        return f"{self.name}.json"


def _obclip(line: str) -> tuple[str, ...]:
    return ("obclip", *shlex.split(line))


def _bench(line: str) -> tuple[str, ...]:
    return _obclip(f"bench {line} --json {OUT}")


def _module(line: str) -> tuple[str, ...]:
    return ("python", "-m", *shlex.split(line))


def _cost(name: str, backend: str, plans: str, minutes: float) -> Benchmark:
    # Without a reduced form: its prompts are too long for a tiny pair's text encoder.
    chosen = " ".join(f"--plan {plan}" for plan in plans.split())
    return Benchmark(name, _bench(f"cost --backend {backend} {chosen}"), minutes, ("cloud bundle",))


def _quick_cost(backend: str, more: str = "") -> tuple[str, ...]:
    # N, k of an aim, so that the comparison with the aims has its row.
    return _bench(
        f"cost --backend {backend} --plan balanced --candidates 6 --cloud-steps 5 --cloud-bundle {BUNDLES}/cloud {more}"
    )


_DETECTION: Final = f"benchmarks.detection --json {OUT}"
_LARGE_MACHINE: Final = ("24 GiB of memory", "60 GB of disk")
BENCHMARKS: Final[tuple[Benchmark, ...]] = (
    Benchmark(
        "attacks",
        _obclip(f"attack --seed 0 --json {OUT}"),
        3,
        quick=_obclip(f"attack bayes --quick --seed 0 --json {OUT}"),
    ),
    Benchmark("detection", _module(_DETECTION), 1, (), _module(_DETECTION)),
    Benchmark("second_look", _module(f"benchmarks.second_look --json {OUT}"), 1, ("spaCy's model",)),
    Benchmark("reference", _module(f"benchmarks.reference --json {OUT}"), 3),
    Benchmark(
        "plan_flops",
        _bench("cost --backend torch --flops-only"),
        5,
        ("cloud bundle",),
        _quick_cost("torch", "--flops-only"),
    ),
    _cost("plan_cost_torch", "torch", "dense balanced fast", 4),
    _cost("plan_cost_onnxruntime", "onnxruntime", "dense balanced fast", 3),
    Benchmark("kernels", _bench("kernels"), 3, ("cloud bundle",)),
    Benchmark("paper", _bench("paper"), 290, ("edge bundle",)),
    Benchmark(
        "plan_tune",
        _bench("tune --sets 2"),
        75,
        ("cloud bundle",),
    ),
    Benchmark(
        "calls_sd14",
        _bench("gpu --device cpu --shape sd-1.4 --plan balanced --plan fast --repeats 5"),
        20,
        ("12 GiB of memory",),
    ),
    Benchmark(
        "peers",
        _bench("peers --backend torch --rounds 6 --plot docs/peers.png"),
        4,
        ("cloud bundle", "DeepCache and tgate"),
    ),
    Benchmark("quality", (), 26, ("of the small UNet before 2026-11-29, which is no longer in the repository",)),
    Benchmark(
        "quality_2026-11-29",
        _bench("quality --prompts 150 --mode cloud --mode device --mode oblivious:10"),
        20,
        ("cloud bundle", "edge bundle"),
    ),
    Benchmark("export", _bench("export"), 11, ("CoreML's converter",)),
    Benchmark(
        "export_scale", _bench(f"scale --limit 20 --scratch {WORK} --again"), 75, (*_LARGE_MACHINE, "TensorRT for RTX")
    ),
    Benchmark("real_size", _module(f"benchmarks.real_size --work {WORK} --json {OUT}"), 20, _LARGE_MACHINE),
    Benchmark("tensorrt_rtx", (), 8, ("put together by hand from what an export printed: no command writes it",)),
    Benchmark("clients", _bench("clients --clients 64 --seconds 120"), 5, ("cloud bundle",)),
    Benchmark(
        "fleet_check",
        _bench("fleet --check --seconds 120"),
        3,
        ("cloud bundle",),
        wrapped="runs",
    ),
    Benchmark(
        "ray_overhead",
        _module(f"benchmarks.ray_overhead --rounds 5 --requests 12 --seconds 8 --json {OUT}"),
        4,
        ("cloud bundle", "Ray"),
    ),
    Benchmark(
        "devices/python",
        _bench("device"),
        0.3,
        ("edge bundle",),
        _bench(f"device --bundle {BUNDLES}/edge --seconds 0.1"),
    ),
    Benchmark("devices/kotlin", ("scripts/bench-android", OUT), 2, ("edge bundle",)),
    Benchmark("devices/swift", ("scripts/bench-ios", OUT), 6, ("edge bundle",)),
    Benchmark(
        "devices/web",
        _module(f"tests.web_demo.page.measure --pair {BUNDLES} --rounds 5 --out {WORK}"),
        5,
        ("cloud bundle", "edge bundle", "Chromium"),
        product="web.json",
    ),
)  # fmt: skip


def catalogue(results: Path = RESULTS) -> tuple[Benchmark, ...]:
    """The benchmarks above, and those of result files that name their command themselves."""
    known = {b.name for b in BENCHMARKS}
    more = []
    for file in sorted(results.rglob("*.json")) if results.is_dir() else ():
        name = file.relative_to(results).with_suffix("").as_posix()
        if name not in known and (found := _of_file(name, file)):
            more.append(found)
    return (*BENCHMARKS, *more)


def chosen(only: Iterable[str], skip: Iterable[str], benchmarks: Iterable[Benchmark]) -> list[Benchmark]:
    """Those of ``only`` (all, if it is empty) but those of ``skip``, in the catalogue's order.

    Raises:
        BenchmarkError: a name that is not in the catalogue.
    """
    by_name = {b.name: b for b in benchmarks}
    only, skip = list(only), set(skip)
    if unknown := [n for n in [*only, *sorted(skip)] if n not in by_name]:
        raise BenchmarkError(f"there is no result {unknown[0]!r}; 'obclip bench all --list' names them")
    return [b for n, b in by_name.items() if (not only or n in only) and n not in skip]


def _of_file(name: str, file: Path) -> Benchmark | None:
    """A result file that is not in the list, by the command line that it holds; ``None`` if it holds none."""
    told: Any = json.loads(file.read_text(encoding="utf-8"))
    line = told.get("command") if isinstance(told, dict) else None
    if not isinstance(line, str) or not line.startswith(("obclip ", "python -m ")):
        return None
    words = shlex.split(line)
    if "--json" not in words[:-1]:
        return Benchmark(name, (), 0, ("its command does not name the file that it writes: put it into the catalogue",))
    words[words.index("--json") + 1] = OUT
    seconds = told.get("seconds")
    return Benchmark(name, tuple(words), seconds / 60 if isinstance(seconds, int | float) else 5)
