"""For everybody: what axe finds in every state, and a picture from the first key to the saved file by keys alone."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from .conftest import Opens
from .phone import Phone
from .relay import Relay, hold

PROMPT: Final = "an old woman pilot with a red scarf"
POST: Final = "POST /v1/latents"
#: A desktop's Chromium shares no files; a phone's does. It keeps what it was given.
SHARES: Final = """navigator.canShare = (data) => data.files?.length === 1;
navigator.share = async ({ files: [file] }) => {
  globalThis.sharedFile = { name: file.name, type: file.type, size: file.size };
};"""
#: Rules that the colour scheme decides about.
COLOURS: Final = ("color-contrast",)


def check(phone: Phone, state: str) -> None:
    """Axe finds nothing, in light and in dark."""
    phone("scheme", dark=False)
    light = phone("axe")
    assert light["violations"] == [], f"{state}, light"
    assert light["passes"] > 15
    phone("scheme", dark=True)
    dark = phone("axe", rules=COLOURS)
    assert dark["violations"] == [], f"{state}, dark"
    assert dark["passes"] == 1


def test_axe_finds_no_violation_in_any_state(opens: Opens, host: Relay, cloud: Relay) -> None:
    reached, answered = threading.Event(), threading.Event()
    with opens(fresh=True, loads=False) as phone:
        held, there = threading.Event(), threading.Event()
        host.spoil("GET /core/lexicon.bin", hold(held, there))
        phone("goto", url=host.url)
        assert there.wait(60)
        phone.says("#setup", "Downloading")
        check(phone, "first visit")
        held.set()
        phone.ready()

        phone.write(PROMPT)
        check(phone, "chips")
        phone("look", at="document.querySelector('#cloud').open = true")
        phone.says("#request", "pad")
        check(phone, "candidates")
        phone("click", at="#as-bytes")
        check(phone, "bytes")
        phone("look", at="document.querySelector('#cloud').open = false")

        cloud.spoil(POST, hold(answered, reached))
        phone("click", at="#draw")
        phone.says("#stages", "Wait for the cloud")
        check(phone, "progress")
        answered.set()
        phone.drawn()
        check(phone, "result")
        phone("look", at="document.querySelector('#receipt').open = true")
        check(phone, "receipt")

        phone("click", at="#open-settings")
        phone("click", at="input[name=mechanism][value=k-subset]")
        phone("fill", at="#set-steps", text="0")
        assert phone.shown("#wrong-steps") != ""
        check(phone, "settings")
        phone("click", at="#settings-reset")
        phone("click", at="#settings-done")

        phone.write("a bearded chef")
        check(phone, "caution")
        phone("click", at="#draw")
        phone.says("#findings", "“bearded”")
        check(phone, "findings")
        phone("click", at="#findings-stop")
        phone.says("#trouble", "Nothing was sent")
        cloud.is_down = True
        phone.write(PROMPT)
        phone.trouble()
        check(phone, "error")


def focus(phone: Phone) -> str:
    return str(phone("look", at="document.activeElement.id || document.activeElement.textContent.trim()"))


def tab_to(phone: Phone, name: str) -> None:
    """Press Tab until the focus is there."""
    passed = []
    for _ in range(60):
        if (here := focus(phone)) == name:
            return
        passed.append(here)
        phone("press", keys=["Tab"])
    raise AssertionError(f"Tab does not come to {name}: {passed}")


def test_a_picture_without_a_pointer(opens: Opens, tmp_path: Path) -> None:
    with opens() as phone:
        phone("press", keys=["Tab"])
        assert focus(phone) == "Skip to the description"
        phone("press", keys=["Enter"])
        tab_to(phone, "prompt")
        phone("type", text="a bearded chef")
        phone.says("#caution", "bearded")
        phone("press", keys=["Control+Enter"])
        phone.says("#findings", "“bearded”")
        assert focus(phone) == "findings-title"
        phone("press", keys=["Escape"])
        phone.says("#trouble", "Nothing was sent")
        tab_to(phone, "draw")
        phone("press", keys=["Enter"])
        phone.says("#findings", "“bearded”")
        tab_to(phone, "findings-go")  # the first choice stands: it is hidden
        phone("press", keys=["Enter"])
        phone.drawn()
        tab_to(phone, "save")
        phone("press", keys=["Enter"])
        phone("wait", until="document.querySelector('#said').textContent === 'Saved as a PNG file.'")
        assert phone("saved", file=str(tmp_path / "saved.png")) == "obclip.png"
        saved = np.asarray(Image.open(tmp_path / "saved.png").convert("RGBA"))
        assert (saved == phone.pixels()).all()


def test_share_and_copy(opens: Opens, cloud: Relay) -> None:
    with opens(script=SHARES) as phone:
        phone.write(PROMPT)
        phone.draw()
        phone("click", at="#share")
        shared: dict[str, Any] = phone("wait", until="globalThis.sharedFile")
        assert (shared["name"], shared["type"]) == ("obclip.png", "image/png")
        assert shared["size"] > 100
        assert phone.receipt()["n"] == 6
        phone("look", at="document.querySelector('#cloud').open = true")
        phone("click", at="#copy-request")
        phone.says("#copy-request", "Copied")
        copied = phone("look", at="navigator.clipboard.readText()")
        assert copied.encode() == cloud.of(POST)[-1].body
