"""Whatever goes wrong is told in the page, with what to do, and a picture can be made afterwards."""

from __future__ import annotations

import json
import shutil
import struct
import threading
from pathlib import Path
from typing import Final

import pytest

from ...conftest import RunningServer
from .conftest import SLOW, Opens, hosted
from .phone import Phone
from .relay import Relay, cut, drop, flip, hold, relaying, say

PROMPT: Final = "a woman firefighter"
POST: Final = "POST /v1/latents"
#: As often as the page asks for a file, or the cloud, before it gives up.
TRIES: Final = 3


def setup_says(phone: Phone, words: str) -> str:
    """Wait until the first visit's card tells of a failure."""
    return phone.says("#setup-alert", words)


def go_on(phone: Phone) -> None:
    """ "Try again" on the first visit's card, to the end: a picture."""
    phone("click", at="#setup-start")
    phone.ready()
    draw(phone)


def draw(phone: Phone, prompt: str = PROMPT) -> None:
    phone.write(prompt)
    phone.draw()


# -- the person stops


def test_cancel_while_the_cloud_works(opens: Opens, cloud: Relay) -> None:
    reached, answered = threading.Event(), threading.Event()
    with opens() as phone:
        phone.write(PROMPT)
        cloud.spoil(POST, hold(answered, reached))
        phone("click", at="#draw")
        phone.says("#stages", "Wait for the cloud")
        assert reached.wait(60)
        phone("click", at="#cancel")
        assert phone.says("#trouble", "Cancelled") == "Cancelled. The request had been sent; nothing more goes out."
        assert phone.shown("#picture") == ""
        answered.set()
        draw(phone)
        assert len(cloud.of(POST)) == 2


def test_cancel_while_this_device_works(opens: Opens) -> None:
    with opens() as phone:
        phone("click", at="#open-settings")
        phone("fill", at="#set-steps", text="200")
        phone("click", at="#settings-done")
        phone.write(PROMPT)
        phone("click", at="#draw")
        phone.says("#stages", " of 190")
        phone("click", at="#cancel")
        assert phone.says("#trouble", "Cancelled") == "Cancelled. The request had been sent; nothing more goes out."
        phone("click", at="#open-settings")
        phone("click", at="#settings-reset")
        phone("click", at="#settings-done")
        draw(phone)


def test_a_refused_prompt_sends_nothing(opens: Opens, cloud: Relay) -> None:
    with opens() as phone:
        phone.write("a bearded chef")
        assert "You are asked about this before anything is sent." in phone.shown("#caution")
        phone("click", at="#draw")
        phone.says("#findings", "“bearded”")
        phone("click", at="#findings-stop")
        told = phone.says("#trouble", "Nothing was sent")
        assert told.split("\n")[0] == "Nothing was sent. Change your words, or choose again what becomes of them."
        phone("click", at="#open-settings")
        phone("click", at="input[name=mechanism][value=closed]")
        phone("click", at="#settings-done")
        phone.write("a woman and a man and a girl and an old man")
        refused = phone.trouble()
        assert "The closed set would have 144 candidates and the limit is 64" in refused
        assert "--" not in refused  # the command's options are none of the page's
        assert cloud.of(POST) == []
        draw(phone)


# -- the network


def test_offline_after_the_first_visit(opens: Opens, host: Relay, cloud: Relay) -> None:
    with opens() as phone:
        host.is_down = cloud.is_down = True
        phone("offline", off=True)
        phone("reload")
        phone.ready()
        assert phone.shown("#offline").startswith("You are offline, so no cloud can be asked.")
        phone.write(PROMPT)
        assert phone.trouble().startswith("The cloud cannot be reached")
        phone("click", at="#offline button")
        draw(phone)
        assert phone.receipt()["n"] == 0
        phone("offline", off=False)
        host.is_down = cloud.is_down = False
        phone("click", at="#offline button")
        draw(phone)
        assert phone.receipt()["n"] == 2


def test_an_unreachable_cloud(opens: Opens, host: Relay, cloud: Relay) -> None:
    with opens() as phone:
        cloud.is_down = True
        phone.write(PROMPT)
        told = phone.trouble()
        assert told.startswith("The cloud cannot be reached")
        assert f"obclip serve --allow-origin {host.url}" in told
        cloud.is_down = False
        phone("click", at="#trouble button")
        phone.drawn()


def test_a_busy_cloud_is_asked_again_when_it_says(opens: Opens, cloud: Relay) -> None:
    busy = say("429 Too Many Requests", "Retry-After: 1", "Access-Control-Expose-Headers: retry-after")
    with opens() as phone:
        cloud.spoil(POST, busy)
        draw(phone)
        first, second = cloud.of(POST)
        assert first == second  # the same bytes, and the same headers
        cloud.spoil(POST, *[busy] * TRIES)
        phone.write(PROMPT)
        assert phone.trouble().startswith("The cloud did not do it")
        phone("click", at="#trouble button")
        phone.drawn()


def test_a_wrong_token(opens: Opens, pair: Path, built: Path, tmp_path: Path) -> None:
    from cloud_engine.engine import Engine
    from cloud_engine.service import create_app, read_settings
    from cloud_engine.service.tokens import make_token, write_tokens

    text, record = make_token()
    write_tokens(tmp_path / "tokens.json", [record])
    settings = read_settings(private=True, tokens=tmp_path / "tokens.json")
    server = RunningServer(create_app(Engine.from_bundle(pair / "cloud", "onnxruntime"), settings, origins=["*"]))
    try:
        with relaying(server.url) as cloud, hosted(built, pair / "edge", cloud.url) as host:
            with opens(fresh=True, loads=False, also=(host.url, cloud.url)) as phone:
                phone.open(host.url)
                phone.write(PROMPT)
                for token in ("", text + "x"):
                    if token:
                        type_token(phone, token)
                    told = phone.trouble()
                    assert told.startswith("The cloud did not do it")
                    assert "token" in told
                    assert text not in told
                type_token(phone, text)
                draw(phone)
                assert text not in phone("look", at="document.documentElement.outerHTML")
            assert "authorization" in cloud.of(POST)[-1].headers
    finally:
        server.stop()


def type_token(phone: Phone, token: str) -> None:
    phone("click", at="#open-settings")
    phone("fill", at="#set-token", text=token)
    phone("click", at="#settings-done")


LIES: Final = {
    "no latents": b"<html>Welcome to the hotel's network</html>",
    "cut short": None,
    "not a number": struct.pack("<f", float("nan")) * 4096,
}


@pytest.mark.parametrize(
    "lie", ["not a number", *(pytest.param(lie, marks=SLOW) for lie in ("no latents", "cut short"))]
)
def test_a_lying_cloud(opens: Opens, cloud: Relay, lie: str) -> None:
    false = LIES[lie]
    with opens() as phone:
        phone.write(PROMPT)
        fault = cut(0.9) if false is None else say("200 OK", "Content-Type: application/octet-stream", body=false)
        cloud.spoil(POST, *[fault] * TRIES)
        told = phone.trouble()
        wanted = "The cloud did not do it" if false is None else "The cloud’s answer cannot be used"
        assert told.startswith(wanted), told
        assert phone.shown("#picture") == ""
        cloud.faults.clear()
        phone("click", at="#trouble button")
        phone.drawn()


# -- files of the bundle and of the page


def unet(edge: Path) -> str:
    manifest = json.loads((edge / "bundle.json").read_text())
    return f"GET /bundle/{next(g['file'] for g in manifest['graphs'] if g['role'] == 'unet')}"


@SLOW
def test_a_tampered_model(opens: Opens, host: Relay, pair: Path) -> None:
    with opens(fresh=True, loads=False) as phone:
        host.spoil(unet(pair / "edge"), flip())
        phone("goto", url=host.url)
        told = setup_says(phone, "was altered")
        assert told.startswith(unet(pair / "edge").removeprefix("GET /bundle/"))
        assert "load the page again" in told
        go_on(phone)


def test_a_download_that_breaks_off(opens: Opens, host: Relay, pair: Path) -> None:
    with opens(fresh=True, loads=False) as phone:
        host.spoil(unet(pair / "edge"), cut(0.5), *[drop] * TRIES)
        phone("goto", url=host.url)
        told = setup_says(phone, "broke off at 50 %")
        assert "What has arrived is kept" in told
        go_on(phone)
        assert "range" in host.of(unet(pair / "edge"))[-1].headers


#: What the default run has; an altered file is also test_export.py's.
FEW: Final = {("cut", "litert.wasm")}
WAYS: Final = [
    pytest.param(fault, file, marks=() if (fault, file) in FEW else SLOW)
    for fault in ("cut", "drop", "flip")
    for file in ("litert.wasm", "litert.js", "core/obclip.wasm", "core/lexicon.bin")
]


@pytest.mark.parametrize(("fault", "file"), WAYS)
def test_a_file_of_the_page_that_does_not_arrive_as_it_was_built(
    opens: Opens, host: Relay, file: str, fault: str
) -> None:
    with opens(fresh=True, loads=False) as phone:
        file = file.replace("litert.", "litert/litert_wasm_threaded_internal.")  # as obclip web's headers have it
        host.spoil(f"GET /{file}", {"cut": cut(0.5), "drop": drop, "flip": flip(300)}[fault])
        phone("goto", url=host.url)
        told = setup_says(phone, "ry again")
        assert file.rpartition("/")[2] in told, told
        assert "newer browser" not in told, told
        go_on(phone)


def test_a_bundle_of_another_kind(opens: Opens, host: Relay, pair: Path) -> None:
    with opens(fresh=True, loads=False) as phone:
        manifest = (pair / "cloud/bundle.json").read_bytes()
        host.spoil("GET /bundle/bundle.json", *[say("200 OK", "Content-Type: application/json", body=manifest)] * 4)
        phone("goto", url=host.url)
        told = setup_says(phone, "bundle")
        host.faults.clear()
        assert told.startswith("bundle/bundle.json did not arrive as it was built"), told
        go_on(phone)


def test_a_cloud_of_another_pair(opens: Opens, built: Path, pair: Path, cloud: Relay, tmp_path: Path) -> None:
    other = shutil.copytree(pair / "edge", tmp_path / "edge")
    manifest = json.loads((other / "bundle.json").read_text())
    (other / "bundle.json").write_text(json.dumps(manifest | {"pair_sha256": "0" * 64}))
    with hosted(built, other, cloud.url) as host, opens(fresh=True, loads=False, also=(host.url,)) as phone:
        phone.open(host.url)
        phone.write(PROMPT)
        told = phone.trouble()
        assert told.startswith("The models do not fit")
        assert "No prompt was sent" in told
        assert cloud.of(POST) == []
        phone(
            "look",
            at="[...document.querySelectorAll('#trouble button')].at(-1).click()",
        )
        phone.drawn()
