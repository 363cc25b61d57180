"""A client of an ObCLIP cloud written from obclip_contract/SPEC.md alone, with Python's standard library.

    python examples/spec_client.py http://127.0.0.1:8000 EDGE_BUNDLE MEMBER > latent.f16

It sends one closed set and keeps one member's latent, which never leaves this process. A real device also makes the
set from a prompt (SPEC.md, "Lexicon"), bounds the whole call by a deadline and finishes the picture.
"""

import hashlib
import json
import math
import random
import secrets
import struct
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

MEDIA_TYPE = "application/vnd.obclip.latents+safetensors"
AXES = [{"name": "gender", "values": ["female", "male"]}, {"name": "age", "values": ["young", "adult", "old"]}]
PHRASES = {"who": {"axes": [0], "text": ["woman", "man"]}, "years": {"axes": [1], "text": ["young", "", "old"]}}
GRID = {"axes": AXES, "phrases": PHRASES, "template": "a sticker of {a} {years} {who} with a red hat"}
COUNT = math.prod(len(axis["values"]) for axis in AXES)


def need(true, otherwise):
    if not true:
        raise SystemExit(otherwise)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect)


def make_body(model, seed, steps=25, cloud_steps=10, guidance=5.0, plan="balanced"):
    fields = {"version": 1, "model": model, "lexicon": "spec-client", "plan": plan, "grid": GRID, "negative_prompt": ""}
    fields |= {"guidance_scale": f"{guidance:.4f}", "sampler": "dpmpp_2m", "steps": steps, "cloud_steps": cloud_steps}
    fields |= {"seed": f"{seed:016x}", "handover": "restart", "pad": ""}
    write = lambda: json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()  # noqa: E731
    bucket = 64
    while bucket < len(GRID["template"].encode()):
        bucket *= 2
    size = 512
    while size < max(len(write()), 1024 + 2 * bucket + 32 * COUNT):
        size *= 2
    fields["pad"] = " " * (size - len(write()))
    return write()


def ask(url, body=None):
    headers = {"content-type": "application/json", "accept": MEDIA_TYPE, "accept-encoding": "identity"}
    for wait in (0.5, 2.0, None):
        try:
            with OPENER.open(urllib.request.Request(url, body, headers), timeout=300) as answer:
                return answer.read(33554432 + 1)
        except urllib.error.HTTPError as error:
            told = error.headers.get("retry-after", "0")
            if error.code not in (408, 425, 429, 502, 503, 504) or wait is None:
                raise SystemExit(f"{error.code}: {error.read(65536).decode(errors='replace')}") from None
            time.sleep(max(wait, float(told) if told.isdigit() else 0.0) * (1 + 0.25 * random.SystemRandom().random()))


def read_latents(answer, body, manifest):
    """(log-SNR, N tuples of C·H·W floats), checked before any member is looked at."""
    shape = [COUNT, *manifest["latent_shape"]]
    size, length = 2 * math.prod(shape), int.from_bytes(answer[:8], "little")
    need(length <= 16384, "the header is too long")
    need(len(answer) == 8 + length + size, "truncated, or another number of latents")
    header = json.loads(answer[8 : 8 + length])
    need(header["latents"] == {"dtype": "F16", "shape": shape, "data_offsets": [0, size]}, "another shape")
    told, sent = header["__metadata__"], json.loads(body)
    need(told["version"] == "2", "another version")
    need(told["request_sha256"] == hashlib.sha256(body).hexdigest(), "an answer to another request")
    need(told["pair_sha256"] == manifest["pair_sha256"], "another pair")
    need((int(told["cloud_steps"]), told["plan"]) == (sent["cloud_steps"], sent["plan"]), "another run")
    values = struct.unpack_from(f"<{size // 2}e", answer, 8 + length)
    need(all(map(math.isfinite, values)), "not finite")
    each = len(values) // COUNT
    return float(told["log_snr"]), [values[i * each : (i + 1) * each] for i in range(COUNT)]


def main(url, bundle, member):
    manifest = json.loads((Path(bundle) / "bundle.json").read_text("utf-8"))
    need(json.loads(ask(f"{url}/v1/health"))["pair_sha256"] == manifest["pair_sha256"], "the cloud has another pair")
    body = make_body(manifest["model"], secrets.randbits(64))
    _, latents = read_latents(ask(f"{url}/v1/latents", body), body, manifest)
    sys.stdout.buffer.write(struct.pack(f"<{len(latents[0])}e", *latents[int(member)]))


if __name__ == "__main__":
    need(len(sys.argv) == 4 and sys.argv[3].isdecimal() and int(sys.argv[3]) < COUNT, __doc__)
    main(*sys.argv[1:])
