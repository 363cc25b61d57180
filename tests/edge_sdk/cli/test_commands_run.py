"""The commands as a person runs them: output, exit codes, and nothing left behind when something fails."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from ..conftest import Scripted
from ..door import released
from ..http_server import Answer, Recorded, serving
from .processes import ROOT, environment, obclip, patience

PROMPT = "a sticker of a woman firefighter with dark skin on a blue background"


def _fails(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """Exit ``code``, nothing on stdout, one line of error that holds ``words``, no traceback."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    errors = [line for line in done.stderr.splitlines() if line.lower().startswith("error: ")]
    assert len(errors) == 1, done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in errors[0]


def test_a_picture_through_an_engine_of_its_own(random_bundles: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.png"
    few = ["--steps", "4", "--cloud-steps", "2", "--seed", "3"]
    done = obclip("generate", PROMPT, "--out", out, *few, "--json", bundles=random_bundles)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    wanted = {"image", "n", "epsilon", "bytes_up", "bytes_down", "ms", "cloud_steps", "steps", "plan", "axes"}
    assert wanted <= set(result)
    assert set(result["ms"]) == {"detect", "cloud", "finish", "decode", "total"}
    assert (result["image"], result["n"], result["epsilon"]) == (str(out), 10, 0.0)
    assert (result["cloud_steps"], result["steps"], result["plan"]) == (2, 4, "balanced")
    with Image.open(out) as picture:
        assert (picture.format, picture.size, picture.info) == ("PNG", (64, 64), {})
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


def test_what_left_the_device_is_printed(random_bundles: Path, cloud_url: str, tmp_path: Path) -> None:
    few = ["--steps", "4", "--cloud-steps", "2", "--cloud", cloud_url]
    done = obclip("generate", PROMPT, "--out", tmp_path / "a.png", *few, bundles=random_bundles)
    assert done.returncode == 0, done.stderr
    for word in ("N = 10", "epsilon = 0", "bytes", "gender", "skin_tone", "firefighter with {"):
        assert word in done.stdout
    assert "woman" not in done.stdout


def test_device_only(random_bundles: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.png"
    done = obclip("generate", PROMPT, "--out", out, "--steps", "3", "--cloud-steps", "0", bundles=random_bundles)
    assert done.returncode == 0, done.stderr
    assert "nothing was sent" in done.stdout
    assert out.exists()


def test_no_attribute_is_told_before_anything_is_sent(random_bundles: Path, tmp_path: Path) -> None:
    # Nothing listens: the note must be there although the sending fails.
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    for extra in ([], ["--json"]):
        done = obclip(
            "generate", "a red balloon", "--out", tmp_path / "a.png", "--cloud", url, *extra, bundles=random_bundles
        )
        assert done.returncode == 3
        assert "nothing is hidden" in done.stderr


def test_an_unreachable_cloud(random_bundles: Path, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    done = obclip("generate", PROMPT, "--out", tmp_path / "a.png", "--cloud", url, bundles=random_bundles)
    _fails(done, 3, "cannot reach the cloud", url)
    assert list(tmp_path.iterdir()) == []


def test_an_address_that_is_no_url(random_bundles: Path, tmp_path: Path) -> None:
    done = obclip("generate", PROMPT, "--out", tmp_path / "a.png", "--cloud", "nonsense", bundles=random_bundles)
    assert done.returncode in (2, 3)
    assert "URL" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_truncated_answer(random_bundles: Path, tmp_path: Path, honest: Scripted) -> None:
    def cut(recorded: Recorded) -> Answer:
        answer = honest(recorded)
        return answer if recorded.path == "/v1/health" else Answer(body=answer.body[:-7])

    with serving(cut) as server:
        done = obclip("generate", PROMPT, "--out", tmp_path / "a.png", "--cloud", server.url, bundles=random_bundles)
    _fails(done, 3, "answer")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["generate", "serve"])
def test_a_tampered_cloud_bundle(random_bundles: Path, tmp_path: Path, command: str) -> None:
    copy = tmp_path / "bundles"
    shutil.copytree(random_bundles, copy)
    with (copy / "cloud" / "unet.onnx").open("r+b") as file:
        file.seek(100)
        file.write(b"\0\1\2\3")
    if command == "serve":
        done = obclip("serve", "--bundle", copy / "cloud", "--port", "0")
    else:
        done = obclip("generate", PROMPT, "--out", tmp_path / "a.png", bundles=copy)
    _fails(done, 4, "altered", "unet.onnx")
    assert not (tmp_path / "a.png").exists()


def test_a_tampered_edge_bundle(random_bundles: Path, tmp_path: Path, cloud_url: str) -> None:
    copy = tmp_path / "bundles"
    shutil.copytree(random_bundles / "edge", copy / "edge")
    (copy / "edge" / "tokenizer.json").write_text("{}")
    done = obclip("generate", PROMPT, "--out", tmp_path / "a.png", "--cloud", cloud_url, bundles=copy)
    _fails(done, 4, "tokenizer.json")
    assert not (tmp_path / "a.png").exists()


def test_the_wrong_and_the_missing_bundle(random_bundles: Path, tmp_path: Path, cloud_url: str) -> None:
    arguments = ["generate", PROMPT, "--out", tmp_path / "a.png", "--cloud", cloud_url]
    _fails(obclip(*arguments, "--bundle", random_bundles / "cloud"), 4, "edge bundle is needed")
    _fails(obclip(*arguments, "--bundle", tmp_path / "none"), 4, "no bundle", "obclip export")
    _fails(obclip(*arguments[:4], bundles=tmp_path), 4, "no bundle")


def test_a_prompt_that_is_too_long(random_bundles: Path, tmp_path: Path, cloud_url: str) -> None:
    long = PROMPT + " and more words" * 20
    done = obclip("generate", long, "--out", tmp_path / "a.png", "--cloud", cloud_url, bundles=random_bundles)
    _fails(done, 2, "the model reads 30")
    assert "more words" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_outputs_that_cannot_be_written_are_refused_before_anything_is_sent(
    random_bundles: Path, tmp_path: Path, honest: Scripted
) -> None:
    (tmp_path / "mine.png").write_bytes(b"mine")
    (tmp_path / "file").write_bytes(b"")
    bad = [tmp_path / "mine.png", tmp_path / "file" / "a.png", Path("/proc/a.png"), Path("/dev/full"), tmp_path]
    with serving(honest) as server:
        for out in bad:
            done = obclip("generate", PROMPT, "--out", out, "--cloud", server.url, bundles=random_bundles)
            assert done.returncode == 2, (out, done.stderr)
            assert "Traceback" not in done.stderr
    assert (tmp_path / "mine.png").read_bytes() == b"mine"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "mine.png"]


def test_an_existing_picture_is_replaced_on_demand(random_bundles: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.png"
    out.write_bytes(b"old")
    few = ["--steps", "2", "--cloud-steps", "0", "--overwrite"]
    assert obclip("generate", PROMPT, "--out", out, *few, bundles=random_bundles).returncode == 0
    with Image.open(out) as picture:
        assert picture.size == (64, 64)


@pytest.mark.parametrize(
    "bad", [["--steps", "0"], ["--cloud-steps", "26"], ["--guidance", "99"], ["--seed", "-1"], ["--sampler", "magic"]]
)
def test_bad_options(random_bundles: Path, tmp_path: Path, cloud_url: str, bad: list[str]) -> None:
    arguments = ["generate", PROMPT, "--out", tmp_path / "a.png", "--cloud", cloud_url, *bad]
    done = obclip(*arguments, bundles=random_bundles)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def _children(process: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True, text=True, check=False)
    return [int(p) for p in listed.stdout.split()]


def _alive(process: int) -> bool:
    stat = Path(f"/proc/{process}/stat")
    return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for the engine's process in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_leaves_no_file_and_no_engine(random_bundles: Path, tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "edge_sdk", "generate", PROMPT, "--out", str(tmp_path / "a.png")]
    slow = ["--steps", "200", "--cloud-steps", "200"]
    process = subprocess.Popen(
        [*command, *slow],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment(random_bundles),
    )
    until = time.monotonic() + 90
    while not (engines := _children(process.pid)) and time.monotonic() < until:
        time.sleep(0.02)
    assert engines
    time.sleep(0.3)
    began = time.monotonic()
    process.send_signal(number)
    _, error = process.communicate(timeout=90)
    assert time.monotonic() - began < patience()
    assert process.returncode == 128 + number
    assert "Traceback" not in error
    assert list(tmp_path.iterdir()) == []
    assert not any(_alive(p) for p in engines)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for the engine's process in /proc")
def test_an_engine_ends_with_whoever_started_it(random_bundles: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "edge_sdk", "generate", PROMPT, "--out", str(tmp_path / "a.png")]
    slow = ["--steps", "200", "--cloud-steps", "200"]
    process = subprocess.Popen([*command, *slow], stderr=subprocess.DEVNULL, cwd=ROOT, env=environment(random_bundles))
    until = time.monotonic() + 90
    while not (engines := _children(process.pid)) and time.monotonic() < until:
        time.sleep(0.02)
    assert engines
    time.sleep(1)
    process.kill()
    process.wait()
    while any(_alive(p) for p in engines) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(_alive(p) for p in engines)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for the engine's process in /proc")
def test_ctrl_c_while_waiting_for_the_cloud(random_bundles: Path, tmp_path: Path, honest: Scripted) -> None:
    def slow(recorded: Recorded) -> Answer:
        answer = honest(recorded)
        answer.wait = 0 if recorded.path == "/v1/health" else 30
        return answer

    command = [sys.executable, "-m", "edge_sdk", "generate", PROMPT, "--out", str(tmp_path / "a.png")]
    with serving(slow) as server:
        process = subprocess.Popen(
            [*command, "--cloud", server.url],
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment(random_bundles),
        )
        until = time.monotonic() + 90
        while not server.bodies() and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=90)
    assert process.returncode == 130
    assert "nothing was written" in error
    assert list(tmp_path.iterdir()) == []


def test_candidates_json() -> None:
    done = obclip("candidates", PROMPT, "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    wanted = {"n", "mechanism", "epsilon", "attributes", "template", "members", "request_sha256", "request_bytes"}
    assert wanted <= set(result)
    assert (result["n"], result["mechanism"], result["epsilon"]) == (10, "closed", 0.0)
    assert len(result["members"]) == 10
    for found in result["attributes"]:
        assert set(found) == {"axis", "surface", "start", "end", "value"}
        assert PROMPT[found["start"] : found["end"]] == found["surface"]


def test_members_print_the_same_request() -> None:
    shown = {obclip("candidates", m, "--show-request").stdout for m in released("a girl").members}
    assert len(shown) == 1
    body = shown.pop().removesuffix("\n").encode()
    result = json.loads(obclip("candidates", "a girl", "--json").stdout)
    assert hashlib.sha256(body).hexdigest() == result["request_sha256"]
    assert len(body) == result["request_bytes"]


def test_candidates_say_when_nothing_is_hidden() -> None:
    done = obclip("candidates", "a red balloon")
    assert done.returncode == 0
    assert "nothing is hidden" in done.stdout + done.stderr


def test_an_empty_prompt_and_unknown_commands() -> None:
    _fails(obclip("candidates", "  "), 2, "empty")
    done = obclip("no-such-command")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["generate", "candidates", "serve"])
def test_help_shows_an_example(command: str) -> None:
    done = obclip(command, "--help")
    assert done.returncode == 0
    assert "Example" in done.stdout
