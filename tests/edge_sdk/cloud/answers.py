"""A request, and the bytes of a good answer to it."""

from __future__ import annotations

import numpy as np

from obclip_contract import Axis, GenerateRequest, LatentsResponse, Phrase, PromptGrid

SHAPE = (4, 16, 16)
PAIR = "5" * 64


def make_request(thing: str = "pilot") -> GenerateRequest:
    """Six candidates; no reader is needed for what is tried here."""
    axes = (Axis("gender", ("female", "male")), Axis("age", ("young", "adult", "old")))
    phrases = {"who": Phrase((0,), ("woman", "man")), "age": Phrase((1,), ("young", "", "old"))}
    grid = PromptGrid("{a} {age} {who} as a " + thing, axes, phrases)
    return GenerateRequest(model="stickers", lexicon="1", grid=grid, seed=7)


def good_body(request: GenerateRequest, pair: str = PAIR) -> bytes:
    latents = np.zeros((request.grid.count, *SHAPE), np.float16)
    return LatentsResponse(latents, request.sha256, pair, request.cloud_steps, 0.5, request.plan).to_bytes()


def http(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """A whole HTTP/1.1 answer."""
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body
