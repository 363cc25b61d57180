"""``obclip generate``: refusals before anything is started, seeds, standard output, previews, how much is told."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pty
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from edge_sdk.cli.candidates import command as candidates
from edge_sdk.cli.generate import command as generate
from edge_sdk.cli.seeds import SEED, show_seed
from obclip_contract import ContractError, ObclipError

from ..conftest import Scripted
from ..http_server import Answer, Recorded, serving
from .processes import COMMAND, ROOT, environment, obclip

PROMPT = "an old woman pilot with dark skin"
LOCAL = ["--mechanism", "local", "--steps", "3"]


def run(bundles: Path, *arguments: str | Path, prompt: str = PROMPT) -> Result:
    places = ["--bundle", bundles / "edge", "--cloud-bundle", bundles / "cloud"]
    return CliRunner().invoke(generate, [prompt, *map(str, [*places, *arguments])])


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    def started(*_: Any, **__: Any) -> Any:
        raise AssertionError("an engine was started")

    monkeypatch.setattr("edge_sdk.cloud.loopback.loopback_engine", started)


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize(
    "bad",
    [
        *(["--steps", "0"], ["--steps", "201"], ["--steps", "many"], ["--cloud-steps", "26"], ["--cloud-steps", "-1"]),
        *(["--guidance", "99"], ["--guidance", "nan"], ["--guidance", "-1"], ["--seed", "-1"], ["--seed", "0x1g"]),
        *(["--seed", str(2**64)], ["--threads", "0"], ["--sampler", "magic"], ["--handover", "magic"]),
        *(["--plan", "no plan"], ["--plan", ""], ["--negative", "an ugly man"], ["--negative", "words " * 200]),
        *(["--mechanism", "magic"], ["--mechanism", "k-subset"], ["--epsilon", "1"], ["--max-candidates", "0"]),
        *(["--mechanism", "k-subset", "--epsilon", "99"], ["--mechanism", "k-subset", "--epsilon", "nan"]),
        *(["--cell-size", "0"], ["--axis", "shoes"], ["--opt-in", "shoes"], ["--domain", "shoes=red"]),
        *(["--domain", "age"], ["--on-miss", "magic"], ["--on-implied", "magic"], ["--quiet", "--verbose"]),
        *(["--cloud", "nonsense"], ["--bundle", "nowhere"], ["--cloud-bundle", "nowhere"], ["--preview", "no/such"]),
        ["--mechanism", "closed", "--max-candidates", "5"],
    ],
    ids=" ".join,
)
def test_no_option_is_refused_after_an_engine_was_started(random_bundles: Path, tmp_path: Path, bad: list[str]) -> None:
    done = run(random_bundles, "--out", tmp_path / "a.png", *bad)
    assert done.exit_code == 2 or isinstance(done.exception, ObclipError), done.output
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize(
    "prompt", ["  ", "a pilot with a beard", PROMPT + " and more words" * 20, "a nude woman in a school"]
)
def test_no_prompt_is_refused_after_an_engine_was_started(random_bundles: Path, tmp_path: Path, prompt: str) -> None:
    done = run(random_bundles, "--out", tmp_path / "a.png", prompt=prompt)
    assert isinstance(done.exception, ObclipError), done.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("no_engine")
def test_the_wrong_cloud_bundle_is_seen_before(random_bundles: Path, tmp_path: Path) -> None:
    for folder in (random_bundles / "edge", tmp_path):
        done = run(random_bundles, "--out", tmp_path / "a.png", "--cloud-bundle", folder)
        assert isinstance(done.exception, ContractError)
        assert done.exception.exit_code == 4
    other = tmp_path / "other"
    other.mkdir()
    manifest = json.loads((random_bundles / "cloud" / "bundle.json").read_text())
    manifest["pair_sha256"] = "0" * 64
    (other / "bundle.json").write_text(json.dumps(manifest))
    done = run(random_bundles, "--out", tmp_path / "a.png", "--cloud-bundle", other)
    assert "two pairs" in str(done.exception)


def test_a_plan_that_no_engine_has_loads_no_graph(random_bundles: Path, tmp_path: Path) -> None:
    done = obclip("generate", PROMPT, "--out", tmp_path / "a.png", "--plan", "magic", "--json", bundles=random_bundles)
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no step plan of this name; there are: naive" in json.loads(done.stderr)["error"]["message"]


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--steps", "8", "--negative", "blurry", "--handover", "carry", "--sampler", "ddim"],
        ["--guidance", "3.5", "--mechanism", "cover", "--max-candidates", "7"],
        ["--mechanism", "k-subset", "--epsilon", "1", "--max-candidates", "3"],
    ],
    ids=" ".join,
)
def test_candidates_show_the_bytes_that_are_sent(
    random_bundles: Path, tmp_path: Path, honest: Scripted, options: list[str]
) -> None:
    few = ["--bundle", str(random_bundles / "edge"), "--seed", "5", *options]

    def shown() -> dict[str, Any]:
        done = CliRunner().invoke(candidates, [PROMPT, *few, "--json"])
        assert done.exit_code == 0, done.output
        result: dict[str, Any] = json.loads(done.stdout)
        return result

    before = shown()
    # An engine's answer to "carry" holds more than the scripted one's: what was sent is looked at all the same.
    with serving(honest) as server:
        out = ["--out", str(tmp_path / "a.png"), "--cloud", server.url, "--json"]
        CliRunner().invoke(generate, [PROMPT, *few, *out])
    (sent,) = {hashlib.sha256(body).hexdigest() for body in server.bodies()}
    after = shown()
    assert after["request_sha256"] == sent
    if "k-subset" in options:
        assert (before["draw"], after["draw"]) == ("example", "kept")
        assert (round(before["epsilon_spent"], 4), after["epsilon_spent"]) == (1.0, 0.0)
    else:
        assert before["request_sha256"] == sent
    assert after["tokens"] <= after["tokens_limit"]
    bundle = json.loads((random_bundles / "edge" / "bundle.json").read_text())
    assert after["guidance"] == (3.5 if "--guidance" in options else bundle["guidance_default"])
    assert after["model"] == bundle["model"]


def test_candidates_refuse_what_generate_refuses(random_bundles: Path, tmp_path: Path) -> None:
    long = PROMPT + " and more words" * 20
    edge = ["--bundle", str(random_bundles / "edge")]
    shown = CliRunner().invoke(candidates, [long, *edge])
    out = ["--out", str(tmp_path / "a.png"), "--cloud", "http://127.0.0.1:9"]
    made = CliRunner().invoke(generate, [long, *edge, *out])
    assert isinstance(shown.exception, ObclipError)
    assert str(shown.exception) == str(made.exception)
    assert "the model reads 30" in str(shown.exception)
    assert shown.stdout == ""


def test_candidates_say_when_nothing_would_be_sent(random_bundles: Path) -> None:
    for options in (["--cloud-steps", "0"], ["--mechanism", "local"]):
        for bundle in ([], ["--bundle", str(random_bundles / "edge")]):
            plain = CliRunner().invoke(candidates, [PROMPT, *bundle, *options])
            assert plain.stdout == "nothing would be sent\n", plain.output
            assert json.loads(CliRunner().invoke(candidates, [PROMPT, *bundle, *options, "--json"]).stdout)["n"] == 0


@pytest.mark.parametrize(
    ("text", "seed"),
    [
        *(("0", 0), ("42", 42), ("0x2a", 42), ("0X2A", 42), ("000000000000002a", 42), ("0000000000000010", 16)),
        *((str(2**64 - 1), 2**64 - 1), ("0xffffffffffffffff", 2**64 - 1), ("FFFFFFFFFFFFFFFF", 2**64 - 1)),
        ("1234567890123456", 0x1234567890123456),
    ],
)
def test_seeds_are_read(text: str, seed: int) -> None:
    assert SEED.convert(text, None, None) == seed
    assert SEED.convert(show_seed(seed), None, None) == seed
    assert SEED.convert(f"{seed:016x}", None, None) == seed


def test_the_same_seed_gives_the_same_picture_in_every_form(random_bundles: Path, tmp_path: Path) -> None:
    first = run(random_bundles, "--out", tmp_path / "a.png", *LOCAL, "--json")
    seed = json.loads(first.stdout)["seed"]
    said = run(random_bundles, "--out", tmp_path / "b.png", *LOCAL, "--seed", seed)
    shown = said.stdout.split("seed ")[1].split()[0]
    run(random_bundles, "--out", tmp_path / "c.png", *LOCAL, "--seed", shown)
    run(random_bundles, "--out", tmp_path / "d.png", *LOCAL, "--seed", str(int(seed, 16)))
    run(random_bundles, "--out", tmp_path / "e.png", *LOCAL, "--seed", "7")
    pictures = [(tmp_path / f"{name}.png").read_bytes() for name in "abcde"]
    assert pictures[0] == pictures[1] == pictures[2] == pictures[3] != pictures[4]


@pytest.mark.parametrize("extra", [[], ["--json"], ["--quiet"], ["--verbose"]], ids=" ".join)
def test_standard_output_holds_the_picture_alone(random_bundles: Path, extra: list[str]) -> None:
    done = obclip("generate", PROMPT, "--out", "-", *LOCAL, *extra, bundles=random_bundles, text=False)
    assert done.returncode == 0, done.stderr
    end = done.stdout.index(b"IEND") + 8
    assert len(done.stdout) == end
    with Image.open(io.BytesIO(done.stdout)) as picture:
        assert (picture.format, picture.size) == ("PNG", (64, 64))
    if extra == ["--json"]:
        assert json.loads(done.stderr)["image"] == "-"
    assert (done.stderr == b"") == (extra == ["--quiet"])


def test_no_picture_on_a_terminal(random_bundles: Path) -> None:
    ours, theirs = pty.openpty()
    done = obclip(
        *("generate", PROMPT, "--out", "-", *LOCAL),
        bundles=random_bundles,
        capture_output=False,
        stdout=theirs,
        stderr=subprocess.PIPE,
    )
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 2
    assert "which is a terminal" in done.stderr


def test_no_folder_is_made_for_a_typo(random_bundles: Path, tmp_path: Path) -> None:
    for options in (
        ["--out", tmp_path / "typo" / "a.png"],
        ["--out", tmp_path / "a.png", "--preview", tmp_path / "t/p"],
    ):
        done = run(random_bundles, *options, *LOCAL)
        assert isinstance(done.exception, ObclipError)
        assert "there is no folder" in str(done.exception)
    assert list(tmp_path.iterdir()) == []


def test_how_much_is_told(random_bundles: Path, tmp_path: Path) -> None:
    quiet = run(random_bundles, "--out", tmp_path / "a.png", *LOCAL, "--quiet")
    assert (quiet.exit_code, quiet.output) == (0, "")
    plain = run(random_bundles, "--out", tmp_path / "b.png", *LOCAL)
    assert plain.stderr == ""
    assert "nothing was sent" in plain.stdout
    verbose = run(random_bundles, "--out", tmp_path / "c.png", *LOCAL, "--verbose")
    assert "detail: finish: " in verbose.stderr
    assert "nothing was sent" in verbose.stdout


def test_that_nothing_is_hidden_is_told_to_the_quiet_too(
    random_bundles: Path, tmp_path: Path, honest: Scripted
) -> None:
    with serving(honest) as server:
        few = ["--cloud", server.url, "--steps", "3", "--quiet"]
        done = run(random_bundles, "--out", tmp_path / "a.png", *few, prompt="a red balloon")
    assert done.exit_code == 0, done.output
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "nothing is hidden" in done.stderr


def test_previews(random_bundles: Path, tmp_path: Path, honest: Scripted) -> None:
    folder = tmp_path / "previews"
    with serving(honest) as server:
        few = ["--cloud", server.url, "--steps", "5", "--cloud-steps", "2", "--preview", folder]
        done = run(random_bundles, "--out", tmp_path / "a.png", *few)
        assert done.exit_code == 0, done.output
        assert sorted(p.name for p in folder.iterdir()) == ["step-003.png", "step-004.png", "step-005.png"]
        pictures = [Image.open(p).tobytes() for p in sorted(folder.iterdir())]
        assert len(set(pictures)) == 3
        assert pictures[-1] == Image.open(tmp_path / "a.png").tobytes()
        again = run(random_bundles, "--out", tmp_path / "b.png", *few)
        assert "holds previews already" in str(again.exception)
        (folder / "step-099.png").write_bytes(b"of an earlier run")
        (folder / "step-mine.png").write_bytes(b"of somebody else")
        assert run(random_bundles, "--out", tmp_path / "b.png", *few, "--overwrite").exit_code == 0
    assert sorted(p.name for p in folder.iterdir()) == [f"step-{n}.png" for n in ("003", "004", "005", "mine")]


def test_a_refused_run_makes_no_preview_folder(random_bundles: Path, tmp_path: Path) -> None:
    options = ["--out", tmp_path / "a.png", "--preview", tmp_path / "previews"]
    assert run(random_bundles, *options, prompt="a pilot with a beard").exception is not None
    assert list(tmp_path.iterdir()) == []


def test_progress_through_the_cloud_phase(random_bundles: Path, tmp_path: Path, honest: Scripted) -> None:
    """What is drawn at a terminal while the cloud computes: k of T, N, the plan, the time; no word of the prompt."""

    def slow(recorded: Recorded) -> Answer:
        answer = honest(recorded)
        answer.wait = 0 if recorded.path == "/v1/health" else 2.5
        return answer

    ours, theirs = pty.openpty()
    with serving(slow) as server:
        process = subprocess.Popen(
            [*COMMAND, "generate", PROMPT, "--out", str(tmp_path / "a.png"), "--steps", "5", "--cloud", server.url],
            stdout=subprocess.PIPE,
            stderr=theirs,
            cwd=ROOT,
            env={**environment(random_bundles), "TERM": "xterm"},
        )
        os.close(theirs)
        drawn = b""
        until = time.monotonic() + 90
        while time.monotonic() < until:
            try:
                drawn += os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
        out, _ = process.communicate(timeout=90)
    os.close(ours)
    assert process.returncode == 0
    assert b"cloud: steps 1 to 2 of 5 for 30 candidates, plan balanced" in drawn
    assert b"0:00:01" in drawn or b"0:00:02" in drawn
    assert b"woman" not in drawn
    assert b"old" not in drawn
    assert b"seed 0x" in out
