"""The web SDK in a headless Chromium, under a strict policy, against a real engine and the reference's pictures."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray

from edge_sdk import ObliviousPipeline
from edge_sdk.errors import ObclipError
from edge_sdk.privacy import release

from .building import browser

PROMPT: Final = "an old woman pilot with a red scarf"
SEED: Final = 2**64 - 12345
#: The graphs are in float32: what is left is the order of sums in XNNPACK's kernels.
LEAST_PSNR: Final = 45.0
#: No answer, however often a browser asks by itself.
DEAD: Final[list[dict[str, Any]]] = [{"drop": True}] * 20


def one(call: dict[str, Any], bundle: Path, **more: Any) -> Any:
    return browser([call], bundle, **more)["results"][0]


def pixels(told: dict[str, Any]) -> NDArray[np.float64]:
    width, height = told["size"]
    rgba = np.frombuffer(base64.b64decode(told["rgba"]), np.uint8).reshape(height, width, 4)
    assert (rgba[..., 3] == 255).all()
    return rgba[..., :3].astype(np.float64)


def psnr(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    return float(10 * np.log10(255**2 / max(float(((a - b) ** 2).mean()), 1e-9)))


def test_a_picture_is_the_references(edge: Path, cloud: str) -> None:
    draw = {"name": "draw", "prompt": PROMPT, "options": {"seed": str(SEED), "previewEvery": 4}}
    answer = browser([draw], edge, cloud=cloud)
    told = answer["results"][0]
    with ObliviousPipeline.from_bundle(edge, cloud=cloud) as pipe:
        want = pipe(PROMPT, seed=SEED)
    assert psnr(pixels(told), np.asarray(want.images[0], np.float64)) >= LEAST_PSNR
    receipt, reference = told["receipt"], want.receipt
    pairs = {
        **{"n": "n", "mechanism": "mechanism", "template": "template", "steps": "steps", "cloudSteps": "cloud_steps"},
        **{"bytesUp": "bytes_up", "bytesDown": "bytes_down", "requestSha256": "request_sha256", "cloud": "cloud"},
        **{"epsilon": "epsilon", "epsilonSpent": "epsilon_spent", "epsilonTotal": "epsilon_total", "bits": "bits"},
        **{"guarantee": "guarantee", "lexicon": "lexicon"},
    }
    assert {ours: receipt[ours] for ours in pairs} == {ours: getattr(reference, name) for ours, name in pairs.items()}
    assert (receipt["seed"], receipt["accelerator"], tuple(receipt["axes"])) == (str(SEED), "wasm", reference.axes)
    assert all(receipt["ms"][phase] > 0 for phase in ("detect", "cloud", "finish", "decode", "total"))
    assert list(dict.fromkeys(told["events"])) == [
        "detected",
        "sent",
        "receiving",
        "received",
        "finished",
        "decoded",
    ]
    assert told["events"].count("finished") == receipt["steps"] - receipt["cloudSteps"]
    assert told["previews"] == (told["events"].count("finished") - 1) // 4
    # Nobody else was asked for anything, and the console is empty.
    elsewhere = [r for r in answer["requests"] if not r.startswith("GET /")]
    assert elsewhere == [f"GET {cloud}/v1/health", f"POST {cloud}/v1/latents"]
    assert answer["console"] == []


def test_a_picture_of_the_device_alone_is_the_references_and_sends_nothing(edge: Path) -> None:
    draw = {"name": "draw", "prompt": PROMPT, "options": {"seed": "7", "alone": True, "settings": {"steps": 6}}}
    answer = browser([draw], edge, isolated=True)
    told = answer["results"][0]
    with ObliviousPipeline.from_bundle(edge) as pipe:
        want = pipe(PROMPT, seed=7, num_inference_steps=6, cloud_steps=0)
    assert told["isolated"]
    assert psnr(pixels(told), np.asarray(want.images[0], np.float64)) >= LEAST_PSNR
    assert told["members"] is None
    assert (told["receipt"]["mechanism"], told["receipt"]["cloudSteps"], told["receipt"]["cloud"]) == ("local", 0, "")
    assert all(r.startswith("GET /") for r in answer["requests"])
    assert any("threaded" in path for path in answer["served"])  # the page is cross-origin isolated


def test_a_dry_run_reads_as_the_reference_and_asks(edge: Path) -> None:
    prompts: list[dict[str, Any]] = [
        {"prompt": PROMPT},
        {"prompt": "a bearded chef", "settings": {"onImplied": "ask"}},
        {"prompt": "🌊 a bearded chef", "settings": {"onImplied": "ask"}, "decisions": ["allow", "allow"]},
        {"prompt": "a bearded chef"},
        {"prompt": ""},
        {"prompt": "a woman, " * 40},
        {"prompt": "half \ud83d a letter"},
        {"prompt": PROMPT, "settings": {"mechanism": "k-subset", "epsilon": 1}},
        {"prompt": PROMPT, "alone": True},
        {"prompt": PROMPT, "settings": {"mechanism": "none such"}},
    ]
    answer = browser([{"name": "read", "prompts": prompts, "options": {"seed": "5"}}], edge, cloud="http://127.0.0.1:9")
    read, asks, allowed, implied, empty, long, half, drawn, alone, unknown = answer["results"][0]
    assert read["members"] == list(release(PROMPT).members)
    assert read["trueMember"] == PROMPT
    assert len(base64.b64decode(read["body"])) in (1024, 2048)
    assert asks["kind"] == "ImpliedError"
    assert [f["surface"] for f in asks["findings"]] == [f["surface"] for f in asks["asked"]] == ["bearded"]
    assert (asks["findings"][0]["start"], asks["findings"][0]["end"]) == (2, 9)
    assert (allowed["asked"][0]["start"], allowed["asked"][0]["end"]) == (5, 12)  # UTF-16
    assert "members" in allowed, allowed
    assert any("bearded" in member for member in allowed["members"])
    assert [f["surface"] for f in implied["findings"]] == ["bearded"]
    assert implied["asked"] == []
    for told, prompt in ((implied, "a bearded chef"), (empty, "")):
        with pytest.raises(ObclipError) as refusal:
            release(prompt)
        assert (told["kind"], told["message"]) == (type(refusal.value).__name__, str(refusal.value))
    assert long["kind"] == half["kind"] == unknown["kind"] == "InputError"
    assert drawn["mechanism"] == "k-subset"
    assert (alone["members"], alone["body"], alone["mechanism"]) == ([], "", "local")
    assert all(r.startswith("GET /") for r in answer["requests"])


def test_a_run_ends_at_any_point_and_the_pipeline_goes_on(edge: Path, cloud: str) -> None:
    told = one({"name": "stop", "prompt": PROMPT}, edge, cloud=cloud)
    assert told["closed"] == ["detected", "sent", "received", "finished"]
    assert {r["kind"] for r in told["aborted"]} == {"Cancelled"}
    assert told["after"][-1] == "decoded"
    assert told["whileClosed"]["kind"] == told["closedRead"]["kind"] == "InputError"


def test_closing_after_detected_sends_nothing(edge: Path, cloud: str) -> None:
    answer = browser([{"name": "stop", "prompt": PROMPT}], edge, cloud=cloud)
    posts = [r for r in answer["requests"] if r.startswith("POST")]
    # closed: sent, received, finished; aborted: sent, finished; after. Neither "detected" nor "none" nor the last.
    assert len(posts) == 6


def test_two_runs_at_once_do_not_mix(edge: Path, cloud: str) -> None:
    prompts = [{"prompt": PROMPT, "seed": "1"}, {"prompt": "a young man in a boat", "seed": "2"}]
    both = {"name": "together", "prompts": prompts}
    answer = browser([both, *({**both, "prompts": [p]} for p in prompts)], edge, cloud=cloud)
    together, first, second = answer["results"]
    assert together == [*first, *second]


def test_clouds_that_are_none_or_another_pairs(edge: Path, cloud: str, tmp_path: Path) -> None:
    other = shutil.copytree(edge, tmp_path / "edge")
    manifest = json.loads((other / "bundle.json").read_text())
    (other / "bundle.json").write_text(json.dumps(manifest | {"pair_sha256": "0" * 64}))
    draw = {"name": "refused", "prompt": PROMPT}
    told = one(draw, other, cloud=cloud)
    assert told["kind"] == "BundleError"
    assert "No prompt was sent" in told["message"]
    told = one(draw, edge, cloud="http://127.0.0.1:9")
    assert told["kind"] == "UnreachableError"
    assert "obclip serve --allow-origin http://127.0.0.1:" in told["message"]


# -- loading


def test_a_second_visit_loads_nothing_of_the_bundle(edge: Path) -> None:
    answer = browser([{"name": "load"}, {"name": "load", "faults": {"/bundle/bundle.json": DEAD}}], edge)
    first, second = answer["results"]
    assert (first["cached"], second["cached"]) == (0, 4)
    assert first["kept"] == second["kept"] == ["manifest", *["sha256"] * 4]
    assert first["last"]["loaded"] == first["last"]["total"] > 10_000_000
    files = [path for path in answer["served"] if path.startswith("/bundle/") and path != "/bundle/bundle.json"]
    assert len(files) == 4


def graph(edge: Path, role: str) -> str:
    manifest = json.loads((edge / "bundle.json").read_text())
    return f"/bundle/{next(g['file'] for g in manifest['graphs'] if g['role'] == role)}"


def test_what_was_cut_goes_on_where_it_ended(edge: Path) -> None:
    unet = graph(edge, "unet")
    faults = {unet: [{"cut": 3000}, {"cut": 1000}, {}]}
    answer = browser([{"name": "load", "faults": faults}], edge)
    assert answer["results"][0]["loaded"]
    assert [p for p in answer["served"] if p.startswith(unet)] == [unet, f"{unet} from 3000", f"{unet} from 4000"]
    answer = browser([{"name": "load", "faults": {unet: [{"cut": 3000}]}}], edge, no_range=True)
    assert answer["results"][0]["loaded"]


def test_what_was_cut_in_one_visit_goes_on_in_the_next(edge: Path) -> None:
    unet = graph(edge, "unet")
    answer = browser([{"name": "load", "faults": {unet: [{"cut": 5000}, *DEAD]}}, {"name": "load"}], edge)
    first, second = answer["results"]
    assert first["kind"] == "BundleError"
    assert "broke off at" in first["message"]
    assert "what has arrived is kept" in first["message"]
    assert "part" in first["kept"]
    assert second["loaded"]
    assert "part" not in second["kept"]
    assert [p for p in answer["served"] if p.startswith(unet)][-1] == f"{unet} from 5000"


def test_pieces_of_another_file_are_not_taken(edge: Path) -> None:
    unet = graph(edge, "unet")
    # The first 5000 bytes that are kept are damaged.
    faults = {unet: [{"cut": 5000, "flip": 100}, *DEAD]}
    answer = browser([{"name": "load", "faults": faults}, {"name": "load"}], edge)
    assert answer["results"][1]["loaded"]
    assert [p for p in answer["served"] if p.startswith(unet)][-2:] == [f"{unet} from 5000", unet]


def test_an_altered_file_is_refused_and_not_kept(edge: Path) -> None:
    unet = graph(edge, "unet")
    answer = browser([{"name": "load", "faults": {unet: [{"flip": 4000}]}}, {"name": "load"}], edge)
    first, second = answer["results"]
    assert first["kind"] == "BundleError"
    assert "was altered: its sha256 is not the manifest's" in first["message"]
    assert first["kept"] == ["sha256", "sha256"]
    assert second["loaded"]


def test_refusals_of_bundles_say_what_to_do(edge: Path, bundles: Path) -> None:
    missing = one({"name": "load", "faults": {graph(edge, "unet"): [{"status": 404}]}}, edge)
    assert (missing["kind"], "copy the whole folder" in missing["message"]) == ("BundleError", True)
    none = one({"name": "load", "folder": "nowhere/"}, edge)
    assert (none["kind"], "give the address of the folder" in none["message"]) == ("BundleError", True)
    wrong = one({"name": "load"}, bundles / "cloud")
    assert (wrong["kind"], "the edge bundle is needed here" in wrong["message"]) == ("BundleError", True)
    full = one({"name": "load", "quota": 20_000}, edge)
    assert (full["kind"], "storage is full" in full["message"]) == ("BundleError", True)
    assert "part" not in full["kept"]
    plain = one({"name": "insecure"}, edge, host="page.test")
    assert (plain["kind"], "open it by https" in plain["message"]) == ("BundleError", True)
    gpu = one({"name": "load", "options": {"accelerator": "webgpu"}}, edge)
    assert gpu["kind"] == "RuntimeFault"


def test_loading_can_be_stopped(edge: Path) -> None:
    answer = browser([{"name": "load", "abort": 1}, {"name": "load"}], edge)
    first, second = answer["results"]
    assert first["kind"] == "Cancelled"
    assert second["loaded"]


# -- the ledger


def test_tabs_spend_once(edge: Path, cloud: str) -> None:
    options = {"settings": {"mechanism": "k-subset", "epsilon": 1, "maxCandidates": 3}, "seed": "3"}
    draw = {"name": "draw", "prompt": PROMPT, "options": options}
    read = {"name": "read", "prompts": [{"prompt": PROMPT}], "options": options}
    answer = browser([{**draw, "tabs": 2}, draw, read, read], edge, cloud=cloud)
    (one_tab, other_tab), later, shown, again = answer["results"]
    spent = sorted(told["receipt"]["epsilonSpent"] for told in (one_tab, other_tab, later))
    assert spent[:2] == [0, 0]
    assert 0 < spent[2] <= 1
    assert one_tab["members"] == other_tab["members"] == later["members"]
    assert later["receipt"]["epsilonTotal"] == spent[2]
    # A dry run shows the draw that is kept.
    assert shown[0]["members"] == again[0]["members"] == later["members"]


def test_the_page_stays_responsive(edge: Path, cloud: str) -> None:
    told = one({"name": "breathe", "prompt": PROMPT}, edge, cloud=cloud)
    assert told["longest"] < 500  # on the page's own thread a call of the decoder alone is longer on slow machines
