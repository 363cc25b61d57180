"""Run benchmarks one after another: times must not overlap. A file is replaced when its command has ended well."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from .catalogue import BUNDLES, OUT, WORK, Benchmark
from .needs import find_hindrance

_PAIR: Final = Path("build/bundles/stickers")
#: Seconds for a command to end after Ctrl-C before it is killed.
_GRACE: Final = 10.0


@dataclass(frozen=True)
class Outcome:
    """What became of one benchmark."""

    name: str
    state: str
    """``written``, ``kept`` (this run had written it before), ``skipped`` or ``failed``."""
    reason: str = ""
    exit_code: int = 0
    seconds: float = 0.0


@dataclass
class State:
    """What a run has written, in a file beside the folder of results, so that ``--resume`` goes on."""

    file: Path
    written: dict[str, float] = field(default_factory=dict)
    """Seconds of each."""

    @classmethod
    def beside(cls, out: Path, resume: bool) -> State:
        """The state of runs into a folder; empty unless they are to go on."""
        file = out.parent / f".{out.name}.run.json"
        if resume and file.is_file():
            return cls(file, json.loads(file.read_text(encoding="utf-8"))["written"])
        return cls(file)

    def add(self, name: str, seconds: float) -> None:
        self.written[name] = round(seconds, 1)
        part = self.file.with_name(self.file.name + ".part")
        part.write_text(json.dumps({"written": self.written}, indent=1) + "\n", encoding="utf-8")
        part.replace(self.file)

    def clear(self) -> None:
        self.file.unlink(missing_ok=True)


def run_all(
    benchmarks: Sequence[Benchmark],
    out: Path,
    state: State,
    tell: Callable[[str], None],
    hindrance: Callable[[Benchmark], str | None] = find_hindrance,
) -> list[Outcome]:
    """Each benchmark in turn; a failure is told at the end and the others go on.

    Raises:
        KeyboardInterrupt: Ctrl-C; the command that ran has ended, and no file was touched by it.
    """
    outcomes: list[Outcome] = []
    reasons = {b.name: hindrance(b) for b in benchmarks}
    for number, benchmark in enumerate(benchmarks, 1):
        left = sum(b.minutes for b in benchmarks[number - 1 :] if not reasons[b.name] and b.name not in state.written)
        head = f"[{number} of {len(benchmarks)}] {benchmark.name}"
        if benchmark.name in state.written:
            outcomes.append(Outcome(benchmark.name, "kept", "written by this run before"))
        elif reason := reasons[benchmark.name]:
            outcomes.append(Outcome(benchmark.name, "skipped", reason))
        else:
            tell(f"{head}: about {_span(benchmark.minutes)}; about {_span(left)} left in all")
            outcomes.append(run_one(benchmark, benchmark.command, out))
            if outcomes[-1].state == "written":
                state.add(benchmark.name, outcomes[-1].seconds)
        done = outcomes[-1]
        tell(f"{head}: {done.state}" + (f": {done.reason}" if done.reason else f" in {done.seconds:.0f} s"))
    if all(o.state != "failed" for o in outcomes):
        state.clear()
    return outcomes


def run_one(benchmark: Benchmark, command: Iterable[str], out: Path, bundles: Path = _PAIR) -> Outcome:
    """Run one command into a temporary file, and put that in the place of the result if it is whole."""
    target = out / benchmark.file
    target.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=target.parent) as work:
        part, scratch = Path(work) / target.name, Path(work) / "work"
        scratch.mkdir()
        code, printed, last = _call(fill(command, part, scratch, bundles))
        seconds = time.monotonic() - began
        if code:
            return Outcome(benchmark.name, "failed", last or "it said nothing", code, seconds)
        if benchmark.printed:
            part.write_text(printed, encoding="utf-8")
        if benchmark.product and (scratch / benchmark.product).is_file():
            (scratch / benchmark.product).replace(part)
        if not part.is_file():
            return Outcome(benchmark.name, "skipped", last or "it wrote nothing", seconds=seconds)
        try:
            told: Any = json.loads(part.read_text(encoding="utf-8"))
        except ValueError:
            return Outcome(benchmark.name, "failed", "what it wrote is no JSON", 1, seconds)
        if benchmark.wrapped:
            line = " ".join(benchmark.command).replace(f" --json {OUT}", "")
            told = {"command": line, benchmark.wrapped: [told]}
        text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
        if isinstance(told, dict):
            told.setdefault("date", date.today().isoformat())
        # No result holds a path of the machine: the temporary file is called what it becomes.
        part.write_text(text.replace(str(part), _named(target)).replace(work, "WORK"), encoding="utf-8")
        part.replace(target)
    return Outcome(benchmark.name, "written", seconds=seconds)


def _named(target: Path) -> str:
    try:
        return target.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return target.name


def fill(command: Iterable[str], out: Path, work: Path, bundles: Path) -> list[str]:
    """The command line with its places filled in, by this Python and its packages' commands."""
    places = {OUT: str(out), WORK: str(work), BUNDLES: str(bundles)}
    words = []
    for word in command:
        for place, path in places.items():
            word = word.replace(place, path)
        words.append(word)
    if words[0] == "obclip":
        return [sys.executable, "-m", "edge_sdk", *words[1:]]
    return [sys.executable, *words[1:]] if words[0] == "python" else words


def _call(words: Sequence[str]) -> tuple[int, str, str]:
    """Exit code, standard output, and the last line of either that says something.

    The command has a session of its own, so that Ctrl-C ends all of it, once, and by us.
    """
    with tempfile.TemporaryFile("w+") as printed, tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(words, stdout=printed, stderr=said, start_new_session=True, env=_environment())
        try:
            code = process.wait()
        except BaseException:
            _end(process)
            raise
        texts = []
        for file in (printed, said):
            file.seek(0)
            texts.append(file.read())
    lines = [line.strip() for text in (texts[1], texts[0]) for line in reversed(text.splitlines()) if line.strip()]
    return code, texts[0], lines[0][:300] if lines else ""


def _environment() -> dict[str, str]:
    """Ours, with this Python's commands in front and the checkout's packages to be found."""
    paths = [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    return {**os.environ, "PATH": os.pathsep.join(p for p in paths if p)}


def _end(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(timeout=_GRACE)
            return
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def _span(minutes: float) -> str:
    return (
        f"{minutes * 60:.0f} s" if minutes < 1.5 else f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"
    )


def as_json(outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    """The outcomes as plain data."""
    return [asdict(o) for o in outcomes]


def free_scratch(out: Path) -> None:
    """Remove what an earlier run that was killed left in the folder of results."""
    for folder in out.rglob(".bench-*"):
        shutil.rmtree(folder, ignore_errors=True)
