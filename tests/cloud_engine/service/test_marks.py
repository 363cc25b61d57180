"""Marked requests through every way that they can end, and a search for the marks in everything the process wrote."""

from __future__ import annotations

import os
import re
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from cloud_engine.service.tokens import make_token, write_tokens
from obclip_contract import Axis, GenerateRequest, Phrase, PromptGrid

from .serving import JSON, Process, connect, head, lines_of, until_closed

#: Words that stand nowhere else: in the template, a value, a text, an axis, the negative prompt; the lexicon's name.
MARKS = ("zqtemplate", "zqvalue", "zqtext", "zqaxis", "zqnegative", "zqlexicon", "zqphrase")
SEED = 0x7A715EED00C0FFEE
#: Where the client calls from; the server itself is at 127.0.0.1.
CLIENT = "127.0.0.77"


def marked(**change: object) -> bytes:
    grid = PromptGrid(
        "a zqtemplate of {a} {zqphrase} ",
        (Axis("zqaxis", ("zqvalue one", "zqvalue two")),),
        {"zqphrase": Phrase((0,), ("zqtext one", "zqtext two"))},
    )
    given = {"model": "stickers", "lexicon": "zqlexicon", "seed": SEED, "negative_prompt": "zqnegative", **change}
    return GenerateRequest(grid=grid, **{"cloud_steps": 2, "steps": 8, **given}).to_bytes()  # type: ignore[arg-type]


def slices(content: bytes) -> list[bytes]:
    """Pieces of the latents that stand nowhere by chance."""
    return [content[-n - 16 : -n] for n in range(16, 2000, 97)]


def test_no_mark_is_in_anything_that_the_process_wrote(random_bundles: Path, tmp_path: Path) -> None:
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    good, record = make_token(evaluations=500, window=3600)
    write_tokens(tmp_path / "tokens.json", [record])
    wrong = "obclip_" + "zqtoken" * 6
    env = {**os.environ, "HOME": str(home), "TMPDIR": str(work), "XDG_CACHE_HOME": str(home), "PYTHONPATH": os.getcwd()}
    metrics = ["--tokens", str(tmp_path / "tokens.json")]
    serving = Process(random_bundles / "cloud", *metrics, env={**env, "OBCLIP_METRICS": "open"})
    answers: list[httpx.Response] = []
    bearer = {"authorization": f"Bearer {good}"}
    transport = httpx.HTTPTransport(local_address=CLIENT)
    try:
        with httpx.Client(base_url=serving.url, transport=transport, headers=JSON, timeout=60) as client:
            ask = client.post
            answers.append(ask("/v1/latents", content=marked(), headers=bearer))
            for data, more in (
                (marked(model="zqtemplate"), bearer),
                (marked(plan="zqtemplate"), bearer),
                (marked(negative_prompt="zqnegative " * 90), bearer),
                (marked(plan="naive", steps=200, cloud_steps=200), bearer),  # its budget
                (marked().replace(b"zqvalue two", b"zqvalue one"), bearer),
                (marked().replace(b'"pad"', b'"zqtemplate"'), bearer),
                (marked()[:-7], bearer),
                (b"zqtemplate\x00\xff", bearer),
                (marked(), {"authorization": f"Bearer {wrong}"}),
                (marked(), {**bearer, "obclip-deadline": "zqtemplate"}),
                (marked(), {**bearer, "obclip-deadline": "0.001"}),
                (marked(), {**bearer, "origin": "https://zqtemplate.example"}),
                (marked(), {**bearer, "host": "zqtemplate.example"}),
                (marked(), {**bearer, "content-type": "text/zqtemplate"}),
                (marked(), {**bearer, "x-request-id": "zqtemplate", "user-agent": "zqtemplate"}),
            ):
                answers.append(ask("/v1/latents", content=data, headers=more))
            answers.append(client.get("/zqtemplate?zqvalue=zqtext"))
            answers.append(client.get("/v2/models/zqtemplate"))
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(lambda _: ask("/v1/latents", content=marked(), headers=bearer), range(4)))
            leave(serving.url, marked(), good)
            text = client.get("/metrics").text
        environment = Path(f"/proc/{serving.process.pid}/environ").read_bytes()
    finally:
        serving.process.send_signal(signal.SIGTERM)
        out, error = serving.process.communicate(timeout=30)
    assert serving.process.returncode == 0
    assert {a.status_code for a in answers} >= {200, 401, 403, 404, 409, 415, 421, 422, 504}
    assert len(lines_of(error, "request")) > 15
    latents = slices(answers[0].content)
    written = [p for folder in (home, work) for p in folder.rglob("*") if p.is_file()]
    places = {"stdout": out.encode(), "stderr": error.encode(), "metrics": text.encode(), "environment": environment}
    places |= {str(p): p.read_bytes() for p in written}
    places |= {f"answer {i}": a.content + repr(a.headers).encode() for i, a in enumerate(answers) if a.is_error}
    needles = [*(m.encode() for m in MARKS), b"zqtoken", good.encode(), f"{SEED:016x}".encode(), str(SEED).encode()]
    needles += [CLIENT.encode(), *latents, *(part.hex().encode() for part in latents)]
    found = {(place, needle) for place, content in places.items() for needle in needles if needle in content}
    assert not found
    assert not written


def leave(url: str, data: bytes, token: str) -> None:
    """A client that breaks off while it sends, one that never was one, and one that leaves before its answer."""
    for sent in (head(len(data)) + data[:300], b"GET /zqtemplate zqvalue\r\n\r\n", b"\x16\x03\x01zqtemplate\r\n\r\n"):
        with connect(url) as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            until_closed(connection)
    with connect(url) as connection:
        connection.sendall(head(len(data), f"authorization: Bearer {token}") + data)


def test_the_search_finds_a_mark_that_is_there(tmp_path: Path) -> None:
    content = marked()
    assert all(mark.encode() in content for mark in MARKS)
    assert f"{SEED:016x}".encode() in content
    assert len(set(slices(bytes(range(256)) * 20))) > 10


@pytest.mark.parametrize("record", ["uvicorn.error", "asyncio", "obclip.cloud"])
def test_a_librarys_line_keeps_its_fixed_text_alone(record: str) -> None:
    import io
    import logging

    from cloud_engine.service.logs import set_up_logs

    stream = io.StringIO()
    set_up_logs(stream=stream)
    try:
        raise ValueError("zqtemplate")
    except ValueError:
        logging.getLogger(record).error("it failed for %s", "zqtemplate", exc_info=True)
    (line,) = stream.getvalue().splitlines()
    assert re.search(r'"event": "it failed for %s"', line)
    assert "zqtemplate" not in line
