"""From a prompt to a picture in the page, beside the Python SDK: the picture, and what the cloud is sent."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge_sdk import ObliviousPipeline
from edge_sdk.errors import ObclipError
from edge_sdk.privacy import release

from .conftest import Opens
from .relay import Relay, say

#: What is left is the order of sums in two builds of XNNPACK.
LEAST_PSNR: Final = 45.0
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


def test_a_picture_is_the_references(opens: Opens, pair: Path, cloud: Relay, record_property: Any) -> None:
    with opens() as phone, ObliviousPipeline.from_bundle(pair / "edge", cloud=cloud.url) as pipe:
        for prompt in ("an old woman pilot with a red scarf", "a black cat on a sofa", "a young chef and a girl"):
            phone.write(prompt)
            phone.draw()
            receipt, told = phone.receipt(), phone.pixels()
            want = pipe(prompt, seed=int(receipt["seed"]))
            reached = psnr(told, want.images[0])
            record_property(f"psnr of {prompt}", round(reached, 1))
            assert reached >= LEAST_PSNR, prompt
            assert receipt["requestSha256"] == want.receipt.request_sha256
        page, python = cloud.of(POST)[::2], cloud.of(POST)[1::2]
        assert [seen.body for seen in page] == [seen.body for seen in python]
        assert phone("told")["console"] == []


def test_every_member_of_a_set_sends_the_same(opens: Opens, pair: Path, host: Relay, cloud: Relay) -> None:
    refusal = say("400 Bad Request")  # what follows the request is another test's
    with opens(loads=False) as phone, ObliviousPipeline.from_bundle(pair / "edge", cloud=cloud.url) as pipe:
        phone.seed(SEED)
        phone.open(host.url)
        for prompt in SETS:
            members = release(prompt).members
            assert len(members) == {"a woman firefighter": 2, "an old man": 6}.get(prompt, 10)
            cloud.seen.clear()
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
