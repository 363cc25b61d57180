"""Nobody phones home: no command leaves a file in the home or talks to anyone but the cloud it was given."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from obclip_contract.telemetry import SWITCHES
from testing.watching import ROOT, Seen, hindrance, strangers, watch

PROMPT = "a sticker of a woman firefighter with dark skin on a blue background"
OBCLIP = [sys.executable, "-m", "edge_sdk"]
SMALL = ["--steps", "4", "--cloud-steps", "2"]
#: What a release writes itself, on this device alone: the account of what was spent.
OWN = ".local/share/obclip/"
SHEET = ["--out", "{tmp}/sheet.png"]
#: Switches everything on again in a process and its children, as if ours were not there.
_WITHOUT = f"import os, obclip_contract\nfor name in {list(SWITCHES)!r}: os.environ.pop(name, None)\n"
#: Serves, makes a picture with that server, and stops it.
_SERVED = """
import json, subprocess, sys
obclip = [sys.executable, "-m", "edge_sdk"]
serve = [*obclip, "serve", "--bundle", sys.argv[1] + "/cloud", "--port", "0", "--json"]
with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as server:
    url = json.loads(server.stdout.readline())["url"]
    generate = [*obclip, "generate", sys.argv[2], "--cloud", url, "--bundle", sys.argv[1] + "/edge", *sys.argv[3:]]
    code = subprocess.run(generate).returncode
    server.terminate()
sys.exit(code)
"""


watched = pytest.mark.skipif(bool(hindrance()), reason=f"a command cannot be watched here: {hindrance()}")


def _nothing(seen: Seen) -> None:
    assert seen.code == 0, seen.stderr
    assert "Traceback" not in seen.stderr
    assert [name for name in seen.files if not name.startswith(OWN)] == []
    assert seen.strangers == []


@watched
def test_export_is_silent(random_export: Path) -> None:
    seen = Seen.from_json((random_export / "seen.json").read_text())
    _nothing(seen)
    foreign = ("torchao", "TensorFlow Lite", "Loading weights", "pytree", "WARNING", "INFO:")
    said = seen.stdout + seen.stderr
    assert [line for line in said.splitlines() if any(word in line for word in foreign)] == []


@watched
def test_a_picture_with_an_engine_of_its_own(random_bundles: Path, tmp_path: Path) -> None:
    places = ["--bundle", str(random_bundles / "edge"), "--cloud-bundle", str(random_bundles / "cloud")]
    seen = watch([*OBCLIP, "generate", PROMPT, "--out", str(tmp_path / "a.png"), *places, *SMALL], tmp_path)
    _nothing(seen)
    assert "TensorFlow" not in seen.stderr  # LiteRT announces its delegate in native code
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


@watched
def test_a_picture_with_a_server(random_bundles: Path, tmp_path: Path) -> None:
    out = ["--out", str(tmp_path / "a.png"), *SMALL]
    seen = watch([sys.executable, "-c", _SERVED, str(random_bundles), PROMPT, *out], tmp_path)
    _nothing(seen)
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


@watched
@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["doctor", "--bundle", "{bundles}/edge", "--cloud-bundle", "{bundles}/cloud", "--json"],
        ["candidates", PROMPT, "--json"],
        ["generate", PROMPT, "--mechanism", "local", "--bundle", "{bundles}/edge", "--out", "{tmp}/a.png", *SMALL],
        ["lexicon", "show", "grandmother"],
        ["ledger", "show"],
        ["plan", "show", "--candidates", "6", "--cloud-steps", "4", "--steps", "8", "--json"],
        ["plan", "cost", "--plan", "naive", "--bundle", "{bundles}/cloud", "--candidates", "2", "--repeats", "1"],
        ["bundle", "verify", "{bundles}/edge"],
        ["bundle", "inspect", "{bundles}/edge", "--operators"],
        ["bench", "sheet", "--cloud-bundle", "{bundles}/cloud", "--bundle", "{bundles}/edge", "--steps", "11", *SHEET],
        ["attack", "--list"],
    ],
    ids=lambda a: "-".join(a[:2]),
)
def test_every_other_command(arguments: list[str], random_bundles: Path, tmp_path: Path) -> None:
    filled = [a.format(bundles=random_bundles, tmp=tmp_path) for a in arguments]
    _nothing(watch([*OBCLIP, *filled], tmp_path))


@watched
def test_it_is_seen_where_the_switch_is_missing(random_bundles: Path, tmp_path: Path) -> None:
    """The watch can fail: the same command with the switches taken back leaves a device id in the home."""
    (tmp_path / "sitecustomize.py").write_text(_WITHOUT)
    paths = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    places = ["--bundle", str(random_bundles / "edge"), "--cloud-bundle", str(random_bundles / "cloud")]
    command = [*OBCLIP, "generate", PROMPT, "--out", str(tmp_path / "a.png"), *places, *SMALL]
    seen = watch(command, tmp_path, paths)
    assert seen.code == 0, seen.stderr
    met = [name for name in seen.files if not name.startswith(OWN)]
    if not met:
        import onnxruntime

        pytest.skip(f"ONNX Runtime {onnxruntime.__version__} has no uploader to catch")
    assert any("onnxruntime" in name or "deviceid" in name for name in met), met


@watched
def test_a_look_up_is_seen(tmp_path: Path) -> None:
    code = "import socket\ntry: socket.create_connection(('192.0.2.1', 80), 1)\nexcept OSError: pass"
    assert watch([sys.executable, "-c", code], tmp_path).strangers == ["192.0.2.1:80"]


def test_a_port_of_its_own_is_no_stranger() -> None:
    own = '7 getsockname(3, {sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("127.0.0.1")}, [16]) = 0\n'
    call = '8 connect(4, {sa_family=AF_INET, sin_port=htons(%d), sin_addr=inet_addr("127.0.0.1")}, 16) = 0\n'
    assert strangers(own + call % 9) == []
    assert strangers(own + call % 53) == ["127.0.0.1:53"]
    six = '8 connect(4, {sa_family=AF_INET6, sin6_port=htons(443), inet_pton(AF_INET6, "2001:db8::1", &sin6_addr)}, 28)'
    assert strangers(six) == ["2001:db8::1:443"]


@pytest.mark.parametrize(
    "package", ["obclip_contract", "edge_sdk", "cloud_engine", "export", "attacks", "benchmarks", "models", "testing"]
)
def test_every_package_sets_the_switches_first(package: str) -> None:
    """Whatever the shell says, and in child processes too."""
    child = f"import os; print([os.environ.get(n) for n in {list(SWITCHES)!r}])"
    code = f"import {package}, subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    environment = {**os.environ, **dict.fromkeys(SWITCHES, "0")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=environment)
    assert done.stdout.strip() == str(list(SWITCHES.values())), done.stderr
