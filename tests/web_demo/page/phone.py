"""A phone's browser: orders go to node/drive.mjs, and what it did can be looked at when it has ended."""

from __future__ import annotations

import base64
import io
import json
import os
import queue
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..building import WEB, chromium

_DRIVE: Final = Path(__file__).parents[1] / "node/drive.mjs"
#: Seconds for one order; a busy machine loads models slowly.
PATIENCE: Final = 60
#: What the page says in this place: "" where it is not shown.
SHOWN: Final = (
    """((at) => { const e = document.querySelector(at); return e && e.checkVisibility() ? e.innerText.trim() : ""; })"""
)


class Phone:
    """One browser with one page."""

    def __init__(self, process: subprocess.Popen[str], files: Path) -> None:
        self._process = process
        self._lines: queue.Queue[str] = queue.Queue()
        self.profile, self.net_log = files / "profile", files / "net.json"
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        for line in self._process.stdout or ():
            self._lines.put(line)
        self._lines.put("")

    def __call__(self, order: str, **given: Any) -> Any:
        """One order of drive.mjs."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"order": order, **given}) + "\n")
        self._process.stdin.flush()
        line = self._lines.get(timeout=2 * PATIENCE)
        assert line, "the browser ended"
        answer = json.loads(line)
        if "error" in answer:
            raise AssertionError(f"{order} {given}: {answer['error']}\nthe page says: {answer['text']}")
        return answer["value"]

    # -- the page

    def open(self, url: str) -> None:
        """The page, until it can draw."""
        self("goto", url=url)
        self.ready()

    def ready(self) -> None:
        """Wait until models are here."""
        self("wait", until="document.querySelector('#setup').hidden")

    def shown(self, at: str) -> str:
        """The text in a place; "" where it is not shown."""
        return str(self("look", at=f"{SHOWN}({json.dumps(at)})"))

    def says(self, at: str, words: str) -> str:
        """Wait until a place has these words; all of its text."""
        place = f"{SHOWN}({json.dumps(at)})"
        return str(self("wait", until=f"{place}.includes({json.dumps(words)}) && ({place} || null)"))

    def write(self, prompt: str) -> None:
        """Describe a picture, and wait until it was read."""
        self("fill", at="#prompt", text="")
        self("wait", until=f"{SHOWN}('#cloud-brief') === '' && {SHOWN}('#chips') === '' && {SHOWN}('#caution') === ''")
        self("fill", at="#prompt", text=prompt)
        self("wait", until=f"{SHOWN}('#cloud-brief') !== '' || {SHOWN}('#caution') !== ''")

    def draw(self) -> None:
        """Tap "Draw", and wait for the picture."""
        self("click", at="#draw")
        self.drawn()

    def drawn(self) -> None:
        """Wait for a picture; trouble is a failure."""
        self("wait", until=f"!document.querySelector('#done').hidden || {SHOWN}('#trouble') !== ''")
        assert self.shown("#trouble") == ""

    def trouble(self) -> str:
        """Tap "Draw", and wait for what went wrong."""
        self("click", at="#draw")
        return str(self("wait", until=f"{SHOWN}('#trouble')"))

    def receipt(self) -> dict[str, Any]:
        """The picture's, as it is copied."""
        self("look", at="document.querySelector('#receipt').open = true")
        self("click", at="#copy-receipt")
        self.says("#copy-receipt", "Copied")
        found: dict[str, Any] = json.loads(self("look", at="navigator.clipboard.readText()"))
        return found

    def pixels(self) -> NDArray[np.uint8]:
        """The canvas ``[height, width, 4]``, as a PNG has it."""
        url = str(self("look", at="document.querySelector('#canvas').toDataURL('image/png')"))
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGBA"))

    def seed(self, value: int) -> None:
        """The seed of the next pages: the browser's CSPRNG gives this to the page, and to nobody else."""
        script = (
            "{ const own = crypto.getRandomValues.bind(crypto);"
            f"crypto.getRandomValues = (a) => a instanceof BigUint64Array ? a.fill({value}n) : own(a); }}"
        )
        self("before", script=script)

    def close(self) -> None:
        """End the browser; its profile and network log are whole then."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"order": "close"}) + "\n")
        self._process.stdin.close()
        self._process.wait(timeout=PATIENCE)
        self._listener.join()
        if self._process.stdout is not None:
            self._process.stdout.close()


@contextmanager
def phone(files: Path, profile: Path | None = None, args: tuple[str, ...] = ()) -> Iterator[Phone]:
    """A browser that keeps its things in ``files``; ``profile``: of an earlier visit, which is copied."""
    files.mkdir(parents=True, exist_ok=True)
    if profile is not None:
        shutil.copytree(profile, files / "profile", ignore=shutil.ignore_patterns("Singleton*"))
    job = {
        **{"web_demo": str(WEB), "chromium": chromium(), "profile": str(files / "profile"), "args": list(args)},
        **{"net_log": str(files / "net.json"), "patience": 1000 * PATIENCE, "root": os.geteuid() == 0},
        "permissions": ["clipboard-read", "clipboard-write"],
    }
    with (files / "stderr").open("w") as stderr:
        process = subprocess.Popen(
            ["node", str(_DRIVE), json.dumps(job)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
        made = Phone(process, files)
        try:
            yield made
        finally:
            if process.poll() is None and process.stdin is not None and not process.stdin.closed:
                made.close()
            if process.poll() is None:
                process.kill()
