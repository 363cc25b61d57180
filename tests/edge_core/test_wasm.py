"""The core as WebAssembly, in Node, against the reference: the bytes that leave the device, and every refusal's words.

As a command it compares any stretch of the prompts and says how long both sides take:

    python -m tests.edge_core.test_wasm 0 1500
"""

from __future__ import annotations

import base64
import gzip
import json
import re
import shutil
import statistics
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from tokenizers import Tokenizer

from edge_sdk.attributes import LEXICON_VERSION
from edge_sdk.device.finishing import finish
from edge_sdk.device.images import to_image
from edge_sdk.errors import ObclipError
from edge_sdk.pipeline.settings import Settings
from edge_sdk.privacy import release
from obclip_contract import NoiseSchedule, TokenizerSpec, frame_tokens, sampler_table, standard_normal, unscale

from .building import LEXICON, ROOT, SECOND_LOOK

NODE: Final = Path(__file__).parent / "node"
MODULE: Final = ROOT / "build/wasm/obclip.wasm"
PAIR: Final = ROOT / "models/stickers/small"
TOKENIZER: Final = PAIR / "tokenizer/tokenizer.json"
DETECTED, SEND, ENCODE_TEXT, DENOISE, STEP, DECODE, DONE, STOPPED = 2, 4, 5, 6, 7, 8, 9, 10
#: A decoder's picture here is small: what the core does with it is the same.
SIZE: Final = 16
STEPS: Final = 7
#: What the default module is to stay under, so that a page loads quickly (gzip).
MOST_COMPRESSED: Final = 600_000
#: Read beside the stretch of the prompts: letters of all sizes, nothing, too long, and words that imply an axis.
ODD: Final = (
    "", " ", "a 👩🏽\u200d🚒 and an old man", "ＡＮ ＯＬＤ ＷＯＭＡＮ", "e\u0301lderly woman\u2028with a cat", "\u0000",
    "a woman, " * 40, "x" * 3000, "ein alter Mann mit Hut", "a gr\u00e4ndm\u00f6ther", "a bride and her groom",
    "<gender>",
)  # fmt: skip


def numbers() -> dict[str, Any]:
    """The default pair's, by the core's names."""
    schedule = json.loads((PAIR / "scheduler/scheduler_config.json").read_text())
    unet = json.loads((PAIR / "unet/config.json").read_text())
    words = json.loads((PAIR / "text_encoder/config.json").read_text())
    vae = json.loads((PAIR / "vae/config.json").read_text())
    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    end = tokenizer.token_to_id("<|endoftext|>")
    return {
        "model": "stickers",
        "pair_sha256": "5" * 64,
        "latent_channels": unet["in_channels"],
        "latent_height": unet["sample_size"],
        "latent_width": unet["sample_size"],
        "image_size": SIZE,
        "scaling_factor": vae["scaling_factor"],
        "shift_factor": vae["shift_factor"] or 0.0,
        "guidance_default": 2.0,
        **{name: value for name, value in schedule.items() if name in NoiseSchedule.__dataclass_fields__},
        "max_length": words["max_position_embeddings"],
        "bos_id": tokenizer.token_to_id("<|startoftext|>"),
        "eos_id": end,
        "pad_id": end,
    }


def shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@cache
def module() -> Path:
    """The module, up to date. Skips where it cannot be built or run."""
    for tool, package in (("node", "nodejs"), ("clang++", "clang")):
        if shutil.which(tool) is None:
            pytest.skip(f"edge_core: no {tool} on this machine (apt-get install {package})")
    done = subprocess.run([sys.executable, ROOT / "scripts/build_wasm"], capture_output=True, text=True)
    if "cannot build for wasm32-wasi" in done.stderr:
        pytest.skip(f"edge_core: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr[-6000:]
    return MODULE


def told(prompts: list[str], **more: Any) -> dict[str, Any]:
    """What the core says (node/tell.mjs)."""
    job = {
        "wasm": str(module()),
        "lexicon": str(LEXICON),
        "second_look": str(SECOND_LOOK),
        "tokenizer": str(TOKENIZER),
        "options": {name: shown(value) for name, value in numbers().items()},
        "prompts": [{"prompt": p, "seed": str(seed_of(i))} for i, p in enumerate(prompts)],
        **more,
    }
    done = subprocess.run(
        ["node", str(NODE / "tell.mjs")], input=json.dumps(job), capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr[-4000:]
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def seed_of(index: int) -> int:
    """All 64 bits of a seed have to come through."""
    return (2**64 - 1 - index * 0x9E3779B97F4A7C15) % 2**64


class Reference:
    """The same in Python: what edge_sdk.pipeline does before anything is sent."""

    def __init__(self) -> None:
        self.limit = numbers()["max_length"] - 2
        self.tokenizer = Tokenizer.from_file(str(TOKENIZER))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()

    def count(self, texts: Any) -> list[int]:
        return [len(e.ids) for e in self.tokenizer.encode_batch(list(texts), add_special_tokens=False)]

    def read(self, prompt: str, seed: int) -> dict[str, Any]:
        try:
            found = release(prompt)
            body = Settings(guidance_scale=2.0).request(found, "stickers", seed).to_bytes()
        except ObclipError as error:
            return {"action": STOPPED, "message": str(error), "exit_code": error.exit_code}
        longest = found.most_tokens(self.count)
        if longest > self.limit:
            message = f"the prompt has {longest} tokens in its longest form; the model reads {self.limit}: shorten it"
            return {"action": STOPPED, "message": message, "exit_code": 2}
        return {
            "action": DETECTED,
            "body": base64.b64encode(body).decode(),
            "members": list(found.members),
            "notes": list(found.notes),
        }


def file_prompts() -> list[str]:
    return (ROOT / "edge_sdk/privacy/vectors/prompts.txt").read_text(encoding="utf-8").splitlines()


def test_what_leaves_the_device_is_the_references() -> None:
    prompts = [*file_prompts()[::11], *ODD]
    answer, reference = told(prompts), Reference()
    assert answer["lexicon"] == LEXICON_VERSION
    got = [{k: v for k, v in one.items() if k != "ms"} for one in answer["read"]]
    want = [reference.read(p, seed_of(i)) for i, p in enumerate(prompts)]
    for prompt, core, python in zip(prompts, got, want, strict=True):
        assert core == python, prompt
    kinds = [one["action"] for one in want]
    assert kinds.count(DETECTED) > 60
    assert kinds.count(STOPPED) > 10


def test_a_picture_of_the_device_alone_is_the_references() -> None:
    prompt, seed, options = "a woman with a red umbrella", 2**64 - 3, {"mechanism": "local", "steps": str(STEPS)}
    told_of = told([], draw={"prompt": prompt, "seed": str(seed), "options": options, "size": SIZE})["draw"]
    spec, reference = numbers(), Reference()
    shape = (1, spec["latent_channels"], spec["latent_height"], spec["latent_width"])
    noise = standard_normal(seed, shape[1:])[None]
    schedule = NoiseSchedule(**{n: spec[n] for n in NoiseSchedule.__dataclass_fields__})
    ids = [e.ids for e in reference.tokenizer.encode_batch([prompt, ""], add_special_tokens=False)]
    marks = TokenizerSpec(file="any.json", **{n: spec[n] for n in ("max_length", "bos_id", "eos_id", "pad_id")})
    table = sampler_table(Settings().sampler, schedule, STEPS)
    rows = list(finish(Halving(), table, noise, np.zeros((2, 1, 1), np.float32), spec["guidance_default"]))
    decoded = ((np.arange(3 * SIZE * SIZE) % 511) / 255 - 1).astype(np.float32).reshape(1, 3, SIZE, SIZE)
    assert told_of["actions"] == [DETECTED, ENCODE_TEXT, *[DENOISE, STEP] * STEPS, DECODE, DONE]
    assert told_of["timesteps"] == [s.timestep for s in table.steps]
    assert raw(told_of["tokens"]) == frame_tokens(ids, marks).astype("<i4").tobytes()
    assert raw(told_of["noise"]) == noise.tobytes()
    assert raw(told_of["latent"]) == unscale(rows[-1].latent, spec["scaling_factor"], spec["shift_factor"]).tobytes()
    assert raw(told_of["pixels"]) == to_image(decoded).tobytes()


class Halving:
    """A small UNet that every language computes alike."""

    def denoise(self, latent: Any, timestep: float, states: Any) -> Any:
        return latent * np.array([0.5, 1.0], np.float32)[: len(latent), None, None, None]


def raw(text: str) -> bytes:
    return base64.b64decode(text)


def test_a_cloud_that_cannot_be_asked_ends_it() -> None:
    answer = told([], send={"prompt": "an old woman", "seed": "7"})["send"]
    assert answer["actions"] == [DETECTED, SEND, STOPPED]
    assert (answer["due"], answer["error"]) == (0, "obclip_next: what waits has not been answered")
    assert (answer["method"], answer["path"]) == ("GET", "/v1/health")
    assert "content-type" in answer["headers"]
    assert (answer["message"], answer["exit_code"]) == ("no way there: ünreachable", 3)


def test_misuse_and_damage_are_told_and_stop_nothing() -> None:
    answer = told(["an old woman"], refused=True)
    assert answer["read"][0]["action"] == DETECTED
    assert all(answer["refused"].values()), answer["refused"]
    assert answer["refused"]["option"] == "there is no option 'no_such'"
    assert answer["refused"]["decision"] == "no decision is waited for"


def test_the_numbers_are_the_headers() -> None:
    header = (ROOT / "edge_core/include/obclip/core.h").read_text(encoding="utf-8")
    enums = dict(re.findall(r"typedef enum (obclip_\w+) {(.*?)^}", header, re.DOTALL | re.MULTILINE))
    kinds = ("obclip_action", "obclip_field", "obclip_refusal")
    want = {name: int(value) for kind in kinds for name, value in re.findall(r"OBCLIP_(\w+) = (\d+)", enums[kind])}
    want |= {name: int(value) for name, value in re.findall(r"#define OBCLIP_(ABI|COINS) (\d+)", header)}
    assert len(want) > 80
    assert told([])["numbers"] == want


def test_the_module_can_do_nothing_but_compute_and_is_small() -> None:
    answer = told([])
    assert answer["imports"] == []
    assert [n for n in answer["exports"] if not n.startswith("obclip_")] == ["memory", "_initialize"]
    assert len(gzip.compress(module().read_bytes(), 9)) < MOST_COMPRESSED


def main() -> None:
    start, end = (int(a) for a in sys.argv[1:3])
    prompts = file_prompts()[start:end]
    answer, reference = told(prompts), Reference()
    reference.read("a first prompt, which opens the word lists", 0)
    times, differ = [], 0
    for i, (prompt, core) in enumerate(zip(prompts, answer["read"], strict=True)):
        began = time.perf_counter()
        python = reference.read(prompt, seed_of(i))
        times.append(1000 * (time.perf_counter() - began))
        if {k: v for k, v in core.items() if k != "ms"} != python:
            differ += 1
            print(f"{prompt}\n  core   {core}\n  python {python}")
    ours = [one["ms"] for one in answer["read"]]
    print(f"{len(prompts)} prompts, {differ} differ; opened in {answer['open_ms']:.0f} ms in Node")
    print(f"ms a prompt: WebAssembly {statistics.median(ours):.2f} (p95 {np.percentile(ours, 95):.2f}), ", end="")
    print(f"Python {statistics.median(times):.2f} (p95 {np.percentile(times, 95):.2f})")
    print(f"the module's memory after them: {answer['memory'] / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
