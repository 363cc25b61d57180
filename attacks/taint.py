"""(f) Taint: a marked secret must never reach an encoder, a log, a metric, an error's text, a file or the wire.

The mark is in the person's own words: "elderly" and "lady" are no canonical values, so wherever they turn up,
what the person typed has leaked. The device runs with everything logged at DEBUG, through every failure that
can be provoked, and once as the ``obclip`` command in a process of its own, whose writes are watched by an
audit hook. The cloud's encoder sees what is on the wire and nothing else. The device's own text encoder must see
canonical words only, wherever a request is sent: its input decides the picture's timing and cache keys. Device-only
draws what was typed, word for word, and nobody hears from it: there the test is that no connection is made at all.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from edge_sdk.cloud.client import CloudClient
from edge_sdk.errors import ObclipError
from edge_sdk.events import Decoded
from edge_sdk.ledger import Ledger
from edge_sdk.pipeline import ObliviousPipeline
from edge_sdk.privacy import Privacy, release
from obclip_contract import ContractError

from .hostile import TRICKS, hostile
from .lab import Client, Lab
from .logs import all_records
from .malicious import short_waits
from .outcome import Outcome, same
from .wire import Respond, forward, http, recording

__all__ = ["MARKED", "Places", "run", "watched_run"]

#: What is typed, and the marks that no output may hold.
MARKED: Final = ("portrait of an elderly lady", ("elderly", "lady"))
#: The ledger keeps no text at all: its public words are marks too.
_ALL_WORDS: Final = ("portrait", *MARKED[1])
#: Too long for any text encoder here: refused on the device.
_TOO_LONG: Final = MARKED[0] + " and many more words" * 40


@dataclass
class Places:
    """Where the marks turned up, by place; and how much was looked at."""

    found: dict[str, int] = field(default_factory=dict)
    looked: dict[str, int] = field(default_factory=dict)

    def count(self, place: str, bad: int) -> None:
        """One more piece of output was looked at, with ``bad`` marks in it."""
        self.looked[place] = self.looked.get(place, 0) + 1
        self.found[place] = self.found.get(place, 0) + bad

    def look(self, place: str, text: str | bytes, marks: Sequence[str] = MARKED[1]) -> None:
        """Count one piece of output and the marks in it."""
        plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        self.count(place, sum(mark in plain.lower() for mark in marks))


@contextmanager
def _logs(places: Places) -> Iterator[None]:
    """Everything logged while the block runs is one piece of output, and an empty log is one too."""
    with all_records() as records:
        yield
    places.look("logs", "\n".join(f"{r.getMessage()} {r.args!r} {r.exc_text or ''}" for r in records))


class _Listening:
    """The device's runtime; what its text encoder is given is turned back into words."""

    def __init__(self, lab: Lab, places: Places, alone: bool) -> None:
        """``alone``: nothing is sent, and the encoder reads what was typed."""
        self._runtime, self._places, self._alone = lab.runtime, places, alone
        self._words = Tokenizer.from_file(str(lab.edge.path(lab.edge.manifest.tokenizer.file)))
        self.name = lab.runtime.name

    def encode_text(self, ids: NDArray[Any]) -> NDArray[Any]:
        for row in [] if self._alone else np.asarray(ids):
            self._places.look("device's text encoder", self._words.decode(row.tolist()))
        return self._runtime.encode_text(ids)

    def denoise(self, *arguments: Any) -> NDArray[Any]:
        return self._runtime.denoise(*arguments)

    def decode(self, latents: NDArray[Any]) -> NDArray[Any]:
        return self._runtime.decode(latents)

    def close(self) -> None:
        """It is the lab's."""


def _errors(places: Places, error: BaseException) -> None:
    """The text, arguments and notes of an error and of everything it hangs on."""
    seen: set[int] = set()
    queue: list[BaseException | None] = [error]
    while queue:
        e = queue.pop()
        if e is None or id(e) in seen:
            continue
        seen.add(id(e))
        places.look("errors", f"{e} {e.args!r} {getattr(e, '__notes__', '')}")
        queue += [e.__cause__, e.__context__]


def watched_run(
    lab: Lab, places: Places, respond: Respond, prompt: str = MARKED[0], client: Client = CloudClient, **options: Any
) -> None:
    """One run of the device against ``respond`` with every outlet watched."""
    arguments = {"num_inference_steps": 2, "cloud_steps": 1, "seed": lab.seed, **options}
    alone = arguments["cloud_steps"] == 0 or getattr(arguments.get("privacy"), "mechanism", "") == "local"
    with tempfile.TemporaryDirectory() as scratch, _logs(places), _temporary(scratch), recording(respond) as server:
        try:
            runtime = _Listening(lab, places, alone)
            pipe = ObliviousPipeline(lab.edge, runtime, client(server.url), Ledger(f"{scratch}/ledger"))
            for event in pipe.steps(prompt, **arguments):
                places.look("metrics and reprs", repr(event))
                if isinstance(event, Decoded):
                    places.look("metrics and reprs", repr(event.output.receipt))
        except (ObclipError, ContractError) as error:
            _errors(places, error)
        exchanges = server.take()
        if alone:
            places.count("wire of device-only runs", len(exchanges))
        for exchange in exchanges:
            places.look("wire", exchange.request.raw)
        for file in Path(scratch).rglob("*"):
            if file.is_file():
                places.look("files", file.name.encode() + file.read_bytes())
                if file.parent.name == "ledger":
                    places.look("ledger: any word of the prompt", file.read_bytes(), _ALL_WORDS)


@contextmanager
def _temporary(folder: str) -> Iterator[None]:
    """Temporary files go to ``folder``, where they can be read."""
    before = tempfile.tempdir
    tempfile.tempdir = folder
    try:
        yield
    finally:
        tempfile.tempdir = before


def _failures(lab: Lab, honest: Respond) -> Iterator[tuple[Respond, dict[str, Any]]]:
    """Servers and arguments that make the device fail in each way it can."""
    target = release(MARKED[0]).index
    for trick in TRICKS:
        yield hostile(trick, target, honest, "http://127.0.0.1:9"), {}
    yield lambda _: http(404, b"no"), {}
    yield lambda _: http(200, b'{"model": "x", "pair_sha256": "0"}'), {}
    yield honest, {"prompt": _TOO_LONG}
    yield honest, {"cloud_steps": 0}
    yield honest, {"privacy": Privacy("local")}
    yield honest, {"sampler": "magic"}
    yield honest, {"plan": "no-such-plan"}
    yield honest, {"privacy": Privacy(domains={"age": ["child"]})}
    yield honest, {"negative_prompt": "blurry " * 40}


#: Runs the command in a process that reports every file opened for writing and reads each before it is removed.
_CHILD: Final = """
import json, os, sys
written, removed = set(), []
def hook(event, arguments):
    if event == "open" and isinstance(arguments[0], str):
        flags = arguments[2] or 0
        if flags & (os.O_WRONLY | os.O_RDWR):
            written.add(os.path.abspath(arguments[0]))
    elif event == "os.remove" and os.path.isfile(arguments[0]):
        with open(arguments[0], "rb") as f:
            removed.append(f.read().decode("latin-1"))
sys.addaudithook(hook)
from edge_sdk.cli.main import main
code = 0
try:
    main(sys.argv[2:])
except SystemExit as done:
    code = done.code
with open(sys.argv[1], "w") as f:
    json.dump({"code": code, "written": sorted(written), "removed": removed}, f)
"""


def _command(lab: Lab, places: Places, url: str) -> None:
    """``obclip generate`` in a process of its own with a home, a working and a temporary folder of its own."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name in ("home", "tmp", "cwd"):
            (folder / name).mkdir()
        report, picture = folder / "report.json", folder / "cwd" / "picture.png"
        arguments = ["generate", MARKED[0], "--out", str(picture), "--cloud", url, "--bundle", str(lab.edge.root)]
        done = subprocess.run(
            [sys.executable, "-c", _CHILD, str(report), *arguments, "--steps", "2", "--cloud-steps", "1"],
            cwd=folder / "cwd",
            env={**os.environ, "HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp"), "PYTHONPATH": _paths()},
            capture_output=True,
            timeout=300,
            check=False,
        )
        told = json.loads(report.read_text())
        if told["code"]:
            raise RuntimeError(f"obclip generate ended with {told['code']}: {done.stderr.decode()[-300:]}")
        for text in told["removed"]:
            places.look("files", text)
        for name in told["written"]:
            if Path(name).is_file() and Path(name) != report:
                places.look("files", name.encode() + Path(name).read_bytes())
        for file in folder.rglob("*"):
            if file.is_file() and file != report:
                places.look("files", file.read_bytes())


def _paths() -> str:
    return os.pathsep.join(p for p in sys.path if p)


def run(lab: Lab) -> Iterator[Outcome]:
    """A row per place; no mark may be found in any."""
    places = Places()
    honest = forward(lab.engine_url, lab.memory)
    lab.tick("taint: a good run")
    watched_run(lab, places, honest)
    watched_run(lab, places, honest, handover="carry")
    watched_run(lab, places, honest, privacy=Privacy("k-subset", epsilon=1.0, max_candidates=2))
    with short_waits():
        for respond, options in _failures(lab, honest):
            lab.tick("taint: failures")
            watched_run(lab, places, respond, **options)
    if not lab.quick:
        lab.tick("taint: the command")
        proxy = lab.proxy()
        _command(lab, places, proxy.url)
        for exchange in proxy.take():
            places.look("wire", exchange.request.raw)
    for place, looked in places.looked.items():
        yield same("taint", f"closed: {place}", places.found[place], looked, "pieces of output that hold the mark")
