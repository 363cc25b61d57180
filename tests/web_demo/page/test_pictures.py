"""From a prompt to a picture in the page, beside the Python SDK: the picture, and what the cloud is sent."""

from __future__ import annotations

import base64
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray

from edge_sdk import ObliviousPipeline
from edge_sdk.errors import ObclipError
from edge_sdk.privacy import release
from obclip_contract.bundle import read_manifest

from ..building import browser
from .conftest import SLOW, Opens
from .relay import Relay, say

#: By the UNet's precision. In float32 the order of sums is left; in int8 two builds of XNNPACK round activations
#: each its own way, as Python's with and without XNNPACK do (docs/WEB.md).
LEAST_PSNR: Final = {"fp32": 45.0, "int8": 42.0}
POST: Final = "POST /v1/latents"
SEED: Final = 2**64 - 12345
#: One axis, one axis in words of two, and two of which one is a scale.
SETS: Final = ("a woman firefighter", "an old man", "a woman judge with dark skin")
#: A browser sends these of its own; the value of each is the same for every prompt.
BROWSERS_OWN: Final = {
    *("origin", "user-agent", "accept-language", "accept-encoding", "connection", "cache-control", "pragma", "dnt"),
    *("sec-ch-ua", "sec-ch-ua-mobile", "sec-ch-ua-platform", "sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site"),
    *("sec-fetch-storage-access", "referer"),
}
#: Python's own.
LIBRARYS_OWN: Final = {"user-agent", "accept-encoding", "connection"}


def psnr(told: NDArray[np.uint8], want: Any) -> float:
    """Between what a canvas holds and a picture of the reference."""
    assert (told[..., 3] == 255).all()
    off = told[..., :3].astype(np.float64) - np.asarray(want, np.float64)
    return float(10 * np.log10(255**2 / max(float((off**2).mean()), 1e-9)))


def least(pair: Path) -> float:
    """For a bundle."""
    return LEAST_PSNR[next(g.precision for g in read_manifest(pair / "edge").graphs if g.role == "unet")]


def test_a_picture_is_the_references(opens: Opens, pair: Path, cloud: Relay, record_property: Any) -> None:
    with opens() as phone, ObliviousPipeline.from_bundle(pair / "edge", cloud=cloud.url) as pipe:
        for prompt in ("an old woman pilot with a red scarf", "a black cat on a sofa", "a young chef and a girl"):
            phone.write(prompt)
            phone.draw()
            receipt, told = phone.receipt(), phone.pixels()
            want = pipe(prompt, seed=int(receipt["seed"]))
            reached = psnr(told, want.images[0])
            record_property(f"psnr of {prompt}", round(reached, 1))
            assert reached >= least(pair), prompt
            assert receipt["requestSha256"] == want.receipt.request_sha256
        page, python = cloud.of(POST)[::2], cloud.of(POST)[1::2]
        assert [seen.body for seen in page] == [seen.body for seen in python]
        assert phone("told")["console"] == []


@pytest.mark.parametrize("prompt", [*SETS[:2], pytest.param(SETS[2], marks=SLOW)])
def test_every_member_of_a_set_sends_the_same(opens: Opens, pair: Path, host: Relay, cloud: Relay, prompt: str) -> None:
    refusal = say("400 Bad Request")  # what follows the request is another test's
    members = release(prompt).members
    assert len(members) == {"a woman firefighter": 2, "an old man": 6}.get(prompt, 10)
    with opens(loads=False) as phone, ObliviousPipeline.from_bundle(pair / "edge", cloud=cloud.url) as pipe:
        phone.seed(SEED)
        phone.open(host.url)
        for member in members:
            cloud.spoil(POST, refusal, refusal)
            phone.write(member)
            phone.trouble()
            with suppress(ObclipError):
                pipe(member, seed=SEED)
        sent = cloud.of(POST)
        assert len(sent) == 2 * len(members)
        assert len({seen.body for seen in sent}) == 1
        pages, pythons = [seen.headers for seen in sent[::2]], [seen.headers for seen in sent[1::2]]
        assert all(headers == pages[0] for headers in pages)
        same = {k: v for k, v in pages[0].items() if k not in BROWSERS_OWN}
        assert same == {k: v for k, v in pythons[0].items() if k not in LIBRARYS_OWN}
        asked = {seen.line: seen.headers for seen in cloud.seen}
        assert set(asked) <= {"OPTIONS /v1/health", "GET /v1/health", "OPTIONS /v1/latents", POST}


#: What the page has no field for, by the names of both SDKs.
OTHERS: Final[tuple[tuple[dict[str, Any], dict[str, Any]], ...]] = (
    ({"handover": "carry"}, {"handover": "carry"}),
    ({"handover": "restart"}, {"handover": "restart"}),
    ({"negativePrompt": "blurry, a hat"}, {"negative_prompt": "blurry, a hat"}),
    ({"guidanceScale": 1}, {"guidance_scale": 1.0}),
    ({"steps": 12, "cloudSteps": 4}, {"num_inference_steps": 12, "cloud_steps": 4}),
)


@SLOW
def test_other_settings_in_the_sdk(pair: Path, cloud: Relay, record_property: Any) -> None:
    prompt = "an old woman pilot with a red scarf"
    calls = [{"name": "draw", "prompt": prompt, "options": {"seed": str(SEED), "settings": ours}} for ours, _ in OTHERS]
    told = browser(calls, pair / "edge", cloud=cloud.url)["results"]
    with ObliviousPipeline.from_bundle(pair / "edge", cloud=cloud.url) as pipe:
        for (ours, theirs), one in zip(OTHERS, told, strict=True):
            want = pipe(prompt, seed=SEED, **theirs)
            width, height = one["size"]
            rgba = np.frombuffer(base64.b64decode(one["rgba"]), np.uint8).reshape(height, width, 4)
            reached = psnr(rgba, want.images[0])
            record_property(f"psnr with {ours}", round(reached, 1))
            assert reached >= least(pair), ours
    sent = [seen.body for seen in cloud.of(POST)]
    assert sent[: len(OTHERS)] == sent[len(OTHERS) :]
    assert len(set(sent)) >= 4
