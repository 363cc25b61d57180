"""What Python does, for the Kotlin SDK's tests to be compared with: requests, pictures, how each lie of a cloud ends.

    python -m tests.android_demo.reference --engine URL --bundle FOLDER --out FILE.json

Serves the lying cloud (liar.py), writes the file when everything in it is known, and ends when its input is closed.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import numpy as np

from edge_sdk import ObliviousPipeline
from edge_sdk.cloud import CloudClient
from edge_sdk.errors import ObclipError
from edge_sdk.events import Detected
from edge_sdk.privacy import Privacy

from .liar import CHALLENGES, lying

#: Ten sets: every member of each has to give the very same request.
SETS: Final = (
    "a sticker of an old man with light skin, smiling", "an old woman", "a young woman with a red umbrella",
    "a man and a woman", "a sticker of a girl with dark skin and a cat", "an elderly Japanese man", "a boy, laughing",
    "portrait of a middle-aged woman, oil painting", "a sticker of an Indian grandmother", "a man with a beard",
)  # fmt: skip
SEED: Final = 2**64 - 7
#: Pictures: the prompt, the options by Python's names.
PICTURES: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    (SETS[0], {}),
    (SETS[1], {"num_inference_steps": 8, "cloud_steps": 3, "guidance_scale": 1.0, "handover": "carry"}),
    ("a sticker of a cat, smiling", {"num_inference_steps": 6, "mechanism": "local"}),
)
WAYS: Final = (
    "honest", "busy", "always-busy", "silent", "silent-health", "dies", "other-pair", "no-engine", "redirect",
    "garbage", "short", "other-request", "not-finite", "large", "refuses", *CHALLENGES,
)  # fmt: skip
#: Seconds for each way: enough for three tries, little for silence.
DEADLINE: Final = 20.0
SILENT_DEADLINE: Final = 2.0
QUICK: Final[dict[str, Any]] = {"num_inference_steps": 4, "cloud_steps": 2}


def request_bytes(pipe: ObliviousPipeline, prompt: str) -> tuple[bytes, tuple[str, ...]]:
    with closing(pipe.steps(prompt, seed=SEED)) as steps:  # type: ignore[type-var]
        first = next(steps)
    assert isinstance(first, Detected)
    assert first.request is not None
    assert first.candidates is not None
    return first.request.to_bytes(), first.candidates.members


def one_set(pipe: ObliviousPipeline, prompt: str) -> dict[str, Any]:
    body, members = request_bytes(pipe, prompt)
    told = []
    for member in members:
        try:
            told.append({"prompt": member, "sha256": hashlib.sha256(request_bytes(pipe, member)[0]).hexdigest()})
        except ObclipError as error:
            told.append({"prompt": member, "refused": type(error).__name__})
    return {"prompt": prompt, "body": base64.b64encode(body).decode(), "members": told}


def picture(pipe: ObliviousPipeline, prompt: str, options: dict[str, Any]) -> dict[str, Any]:
    arguments = {k: v for k, v in options.items() if k != "mechanism"}
    output = pipe(prompt, seed=SEED, privacy=Privacy(mechanism=options.get("mechanism", "auto")), **arguments)
    image, receipt = np.asarray(output.images[0].convert("RGB")), output.receipt
    names = (
        "mechanism",
        "n",
        "template",
        "cloud_steps",
        "steps",
        "bytes_up",
        "bytes_down",
        "request_sha256",
        "guarantee",
        "lexicon",
    )
    return {
        "prompt": prompt,
        "options": options,
        "size": list(image.shape[:2]),
        "rgb": base64.b64encode(image.tobytes()).decode(),
        "receipt": {name: getattr(receipt, name) for name in names},
        "notes": list(receipt.notes),
    }


def outcome(bundle: Path, url: str, way: str) -> dict[str, Any]:
    """How a run ends."""
    client = CloudClient(f"{url}/{way}", deadline=SILENT_DEADLINE if way.startswith("silent") else DEADLINE)
    with ObliviousPipeline.from_bundle(bundle, cloud=client) as pipe:
        try:
            pipe("an old woman", seed=SEED, **QUICK)
        except ObclipError as error:
            return {"kind": type(error).__name__, "exit_code": error.exit_code}
    return {"kind": "picture", "exit_code": 0}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--engine", required=True)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    with (
        lying(given.engine, {"bundle": given.bundle}) as liar,
        ObliviousPipeline.from_bundle(given.bundle, given.engine) as pipe,
    ):
        told = {
            "liar": liar.url,
            "seed": str(SEED),
            "bundle_sha256": hashlib.sha256((given.bundle / "bundle.json").read_bytes()).hexdigest(),
            "sets": [one_set(pipe, prompt) for prompt in SETS],
            "pictures": [picture(pipe, prompt, options) for prompt, options in PICTURES],
            "deadline": {"silent": SILENT_DEADLINE, "other": DEADLINE},
            "outcomes": {way: outcome(given.bundle, liar.url, way) for way in WAYS},
            "requests": {way: len([s for s in liar.seen[way] if s["path"] == "/v1/latents"]) for way in WAYS},
        }
        part = given.out.with_suffix(".part")
        liar.seen.clear()
        part.write_text(json.dumps(told))
        part.rename(given.out)
        sys.stdin.read()


if __name__ == "__main__":
    main()
