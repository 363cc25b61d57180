"""The process: JSON errors, pipes, Ctrl-C, completion, a light start, and the list of commands."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

from edge_sdk.cli.commands import CHECKOUT, COMMANDS
from edge_sdk.cli.commands import obclip as group

from ..conftest import Scripted
from ..http_server import Answer, Recorded, serving
from .processes import COMMAND, ROOT, environment, obclip, patience

PROMPT = "an old woman pilot with dark skin"


def commands() -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []

    def walk(name: str, command: click.Command) -> None:
        found.append((name, command))
        if isinstance(command, click.Group):
            context = click.Context(command)
            for below in command.list_commands(context):
                inner = command.get_command(context, below)
                assert inner is not None
                walk(f"{name} {below}", inner)

    walk("obclip", group)
    return found


@pytest.mark.parametrize(("name", "command"), commands(), ids=lambda v: v if isinstance(v, str) else "")
def test_every_help_has_an_example(name: str, command: click.Command) -> None:
    assert "Example" in (command.epilog or ""), name


def test_the_list_says_what_the_commands_say() -> None:
    """The list is written beside the commands, so that it is shown without loading them."""
    loaded = {name.removeprefix("obclip "): c for name, c in commands() if name.count(" ") == 1}
    places = {**COMMANDS, **CHECKOUT}
    assert set(places) <= set(loaded)
    for name, place in places.items():
        assert loaded[name].get_short_help_str(100) == place.short


@pytest.mark.parametrize(
    "arguments", [["--help"], ["generate", "--help"], ["candidates", "--help"], ["ledger", "--help"]]
)
def test_help_loads_nothing_of_weight(arguments: list[str]) -> None:
    code = (
        "import sys; from edge_sdk.cli.main import main\n"
        f"try: main({arguments!r})\nexcept SystemExit: pass\n"
        "print([m for m in ('numpy','httpx','rich','pydantic','importlib.metadata','PIL','edge_sdk.attributes') "
        "if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    allowed = ["[]", "['importlib.metadata']"] if arguments == ["--help"] else ["[]"]  # plugins are listed
    assert done.stderr.strip() in allowed


def test_a_picture_of_this_device_alone_loads_no_http(random_bundles: Path, tmp_path: Path) -> None:
    few = ["--out", str(tmp_path / "a.png"), "--mechanism", "local", "--steps", "2"]
    arguments = ["generate", PROMPT, "--bundle", str(random_bundles / "edge"), *few]
    code = (
        "import sys; from edge_sdk.cli.main import main\n"
        f"try: main({arguments!r})\nexcept SystemExit: pass\n"
        "print([m for m in ('httpx','rich','asyncio','onnxruntime','torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.splitlines()[-1] == "[]", done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "kind", "code"),
    [
        (["generate", PROMPT, "--out", "a.png", "--steps", "0"], "InputError", 2),
        (["generate", PROMPT], "MissingParameter", 2),
        (["candidates", "a pilot with a beard"], "ImpliedError", 2),
        (["candidates", PROMPT, "--no-such-option"], "NoSuchOption", 2),
        (["candidates", PROMPT, "--bundle", "nowhere"], "BundleError", 4),
        (["ledger", "budget", "much"], "InputError", 2),
        (["serve", "--bundle", "nowhere"], "BundleError", 4),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, list) else "",
)
def test_errors_are_json_where_json_was_asked_for(arguments: list[str], kind: str, code: int) -> None:
    done = obclip(*arguments, "--json")
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    error = json.loads(done.stderr.splitlines()[-1])["error"]
    assert (error["kind"], error["exit_code"]) == (kind, code)
    plain = obclip(*arguments)
    assert plain.stderr.rstrip("\n").removeprefix("error: ").endswith(error["message"]) or kind != "InputError"
    assert "{" not in plain.stderr


def test_where_json_is_a_file_errors_are_text() -> None:
    done = obclip("attack", "--json", "no/such/folder/x.json", "--list", "--seed", "x")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("Error: ")


def test_notes_are_json_too() -> None:
    done = obclip("candidates", "a red balloon", "--json")
    notes = [json.loads(line)["note"] for line in done.stderr.splitlines()]
    assert any("nothing is hidden" in note for note in notes)


def test_our_warnings_are_json_too(random_bundles: Path, tmp_path: Path) -> None:
    shutil.copytree(random_bundles / "edge", tmp_path / "edge")
    path = tmp_path / "edge" / "bundle.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "verified": False}))
    told = obclip("candidates", PROMPT, "--json", bundles=tmp_path)
    assert told.returncode == 0, told.stderr
    assert "not verified" in json.loads(told.stderr.splitlines()[0])["warning"]
    assert obclip("candidates", PROMPT, bundles=tmp_path).stderr.startswith("warning: ")


@pytest.mark.parametrize("arguments", [["--help"], ["candidates", PROMPT], ["lexicon", "explain", PROMPT]])
def test_a_broken_pipe_is_quiet(arguments: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    done = obclip(*arguments, capture_output=False, stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    assert done.stderr.replace(_no_bundle(done.stderr), "") == ""
    assert done.returncode == 0


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["candidates", PROMPT], ["candidates", PROMPT, "--json"], ["doctor"]]
)
def test_a_full_disk_behind_standard_output_is_an_error_and_no_traceback(arguments: list[str]) -> None:
    with FULL.open("wb") as full:
        done = obclip(*arguments, capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert "No space left on device" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["generate", PROMPT], 2), (["candidates", PROMPT, "--bundle", "nowhere"], 4), (["--help"], 1)],
)
def test_an_exit_code_stands_where_nothing_can_be_written(arguments: list[str], code: int) -> None:
    with FULL.open("wb") as full:
        done = obclip(*arguments, capture_output=False, stdout=full, stderr=full)
    assert done.returncode == code


def test_a_folder_of_previews_with_a_name_too_long(random_bundles: Path, tmp_path: Path) -> None:
    done = obclip(
        *("generate", PROMPT, "--mechanism", "local", "--out", tmp_path / "a.png", "--preview", "x" * 300),
        bundles=random_bundles,
    )
    assert (done.returncode, done.stderr.splitlines()[-1][:29]) == (2, "error: cannot use the name xx")


def _no_bundle(text: str) -> str:
    return next((line + "\n" for line in text.splitlines() if line.startswith("note: no edge bundle")), "\0")


def _stop(process: subprocess.Popen[str]) -> tuple[float, str]:
    """Ctrl-C, and seconds of this machine's time until the end."""
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    return time.monotonic() - began, error


@pytest.mark.parametrize("module", ["click.core", "numpy", "obclip_contract.grid", "edge_sdk.attributes", "PIL"])
def test_ctrl_c_while_modules_are_loaded(random_bundles: Path, tmp_path: Path, module: str) -> None:
    """The signal comes right after a module was loaded: ``-X importtime`` says when."""
    arguments = ["-m", "edge_sdk", "generate", PROMPT, "--out", str(tmp_path / "a.png"), "--mechanism", "local"]
    process = subprocess.Popen(
        [sys.executable, "-X", "importtime", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**environment(random_bundles), "OBCLIP_SHOW_ALL": "1"},
    )
    assert process.stderr is not None
    while (line := process.stderr.readline()).rpartition("|")[2].strip() != module:
        # What the package loads for a name that is asked of it is not told: Python tells of import statements.
        assert line, f"{module} was never loaded by a statement: name another one"
    took, error = _stop(process)
    assert process.returncode == 130, error
    assert "Traceback" not in error
    assert "stopped; nothing was written" in error
    assert took < patience()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("dropped", ["weak reference", "native code"])
def test_a_ctrl_c_that_python_drops_is_raised_again(dropped: str) -> None:
    """In a weak reference's callback, which tells of it, and where an exception is dropped without a word."""
    code = (
        "import sys, signal, time, weakref\n"
        "from edge_sdk.cli import stopping\n"
        "stopping.begin('error: stopped'); stopping.unwind()\n"
        "class Thing: pass\n"
        "def press(_): signal.raise_signal(signal.SIGINT); time.sleep(0)\n"
        "try:\n"
        f"    if {dropped == 'weak reference'}:\n"
        "        thing = Thing(); seen = weakref.ref(thing, press); del thing; time.sleep(30)\n"
        "    else:\n"
        "        try: press(None)\n"
        "        except BaseException: pass\n"
        "        stopping.check()\n"
        "    sys.exit(0)\n"
        "except KeyboardInterrupt: stopping.end()\n"
    )
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("as_json", [False, True])
def test_ctrl_c_while_the_cloud_computes(random_bundles: Path, tmp_path: Path, honest: Scripted, as_json: bool) -> None:
    def slow(recorded: Recorded) -> Answer:
        answer = honest(recorded)
        answer.wait = 0 if recorded.path == "/v1/health" else 30
        return answer

    arguments = ["generate", PROMPT, "--out", str(tmp_path / "a.png"), *(["--json"] if as_json else [])]
    with serving(slow) as server:
        process = subprocess.Popen(
            [*COMMAND, *arguments, "--cloud", server.url],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment(random_bundles),
        )
        until = time.monotonic() + 60
        while not server.bodies() and time.monotonic() < until:
            time.sleep(0.02)
        took, error = _stop(process)
    assert process.returncode == 130
    assert "Traceback" not in error
    assert took < patience()
    if as_json:
        assert json.loads(error.splitlines()[-1])["error"]["exit_code"] == 130


def test_ctrl_c_tells_of_the_previews(random_bundles: Path, tmp_path: Path) -> None:
    folder = tmp_path / "previews"
    arguments = ["generate", PROMPT, "--out", str(tmp_path / "a.png"), "--mechanism", "local", "--steps", "200"]
    process = subprocess.Popen(
        [*COMMAND, *arguments, "--preview", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment(random_bundles),
    )
    until = time.monotonic() + 60
    while not list(folder.glob("step-*.png")) and time.monotonic() < until:
        time.sleep(0.005)
    _, error = _stop(process)
    assert process.returncode == 130
    assert error == f"error: stopped; no picture was written; its previews are in {folder}\n"
    assert [p.name for p in folder.iterdir() if not p.name.startswith("step-")] == []  # no half of one
    assert [p.name for p in tmp_path.iterdir()] == ["previews"]


def test_help_is_quick() -> None:
    """By its own CPU time, the least of three runs: what else this machine does counts less."""

    def cpu() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert obclip("--help").returncode == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(cpu() for _ in range(3)) < 0.3


@pytest.mark.parametrize(
    ("shell", "words", "expected"),
    [
        ("bash", "obclip can", "candidates"),
        ("bash", "obclip candidates --mech", "--mechanism"),
        ("zsh", "obclip gen", "generate"),
        ("fish", "obclip doc", "doctor"),
    ],
)
def test_completion(shell: str, words: str, expected: str) -> None:
    variables = {
        "_OBCLIP_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    if shell == "fish":  # it passes the word itself
        variables["COMP_CWORD"] = words.split()[-1]
    done = subprocess.run(
        COMMAND, capture_output=True, text=True, cwd=ROOT, env={**environment(), **variables}, check=False
    )
    assert expected in done.stdout, done.stderr
    source = {"_OBCLIP_COMPLETE": f"{shell}_source"}
    script = subprocess.run(
        COMMAND, capture_output=True, text=True, cwd=ROOT, env={**environment(), **source}, check=False
    )
    assert "_OBCLIP_COMPLETE" in script.stdout
