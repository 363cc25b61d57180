"""Ray Serve with two replicas on this machine, from its start to its end: one run, whose findings the tests read.

A program of its own, so that it can run in an empty network namespace, where nothing but it would answer. Prints one
JSON object.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil

from cloud_engine.service.tokens import make_token, write_tokens

from ..service.serving import JSON, Process, body, wait_for
from ..service.test_marks import MARKS, SEED, marked

#: Small, so that a burst fills it.
QUEUE = 4
CLIENTS = 6
#: A client gives up after so many tries with the same bytes.
TRIES = 40
#: Seconds until a replica that was killed or replaced must be there again, on a machine that others use too.
PATIENCE = 600.0


class Box:
    """``obclip serve --ray`` with a temporary folder of its own."""

    def __init__(self, bundle: Path, tokens: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="rs", dir="/tmp"))  # short: Ray's sockets lie in it
        env = {**os.environ, "TMPDIR": str(self.folder), "OBCLIP_QUEUE_REQUESTS": str(QUEUE), "OBCLIP_METRICS": "open"}
        given = ["--ray", "--replicas", "2", "--threads", "1", "--tokens", str(tokens)]
        self.serving = Process(bundle, *given, env=env)
        self.url: str = self.serving.url
        self.process = psutil.Process(self.serving.process.pid)
        self.family = self.process.children(recursive=True)

    def replicas(self) -> list[psutil.Process]:
        family = self.process.children(recursive=True)
        self.family += [p for p in family if p not in self.family]
        found = []
        for process in family:
            with contextlib.suppress(psutil.Error):
                # A replica at work has the name of what it does behind its own.
                if " ".join(process.cmdline()).startswith("ray::ServeReplica:obclip:CloudEngine"):
                    found.append(process)
        return found

    def end(self) -> tuple[str, str]:
        """What it wrote to its output and to its errors."""
        self.process.send_signal(signal.SIGTERM)
        out, error = self.serving.process.communicate(timeout=120)
        return str(out), str(error)

    def told(self) -> set[str]:
        """Ids of the replicas that tell metrics."""
        with contextlib.suppress(httpx.HTTPError):
            page = httpx.get(self.url + "/metrics", timeout=20, trust_env=False)
            return set(re.findall(r'obclip_num_running_reqs\{replica="([^"]+)"\}', page.text))
        return set()


class Load:
    """Clients that send one request's bytes again and again, and resend them where the answer says so."""

    def __init__(self, url: str, data: bytes, headers: dict[str, str], right: bytes) -> None:
        self.seen: Counter[str] = Counter()
        self.ids: set[str] = set()
        self._given = url, data, headers, right
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask_on) for _ in range(CLIENTS)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask_on(self) -> None:
        with httpx.Client(timeout=120, trust_env=False) as client:
            while not self._stop.is_set():
                self.seen["asked"] += 1
                if not any(self._ask(client) for _ in range(TRIES)):
                    self.seen["given up"] += 1

    def _ask(self, client: httpx.Client) -> bool:
        url, data, headers, right = self._given
        try:
            answer = client.post(url + "/v1/latents", content=data, headers=headers)
        except httpx.HTTPError as error:  # an answer that broke off, as the device's client resends too
            self.seen[f"broken: {type(error).__name__}"] += 1
            return False
        if answer.status_code == 200:
            self.seen["right" if answer.content == right else "WRONG"] += 1
            self.ids.add(answer.headers["x-request-id"])
            return True
        try:
            code = answer.json()["error"]["code"]
        except (ValueError, LookupError, TypeError):
            code = "NOT OURS"
        told = "" if "retry-after" in answer.headers else ", no retry-after"
        self.seen[f"{answer.status_code} {code}{told}"] += 1
        time.sleep(0.25)
        return False


def questions(bearer: dict[str, str]) -> Iterator[tuple[str, str, bytes | None, dict[str, str]]]:
    """(method, path, body, headers) whose answers are the same, byte for byte, with and without Ray."""
    for data in (body(), body(plan="naive", seed=9), body(handover="restart"), body(guidance_scale=1.0), marked()):
        yield "POST", "/v1/latents", data, bearer
    for data in (b"{", body(plan="nothing"), body(model="other"), body(negative_prompt="many words " * 60), b"\0" * 9):
        yield "POST", "/v1/latents", data, bearer
    yield "POST", "/v1/latents", b"x" * 300_000, bearer
    yield "POST", "/v1/latents", body(), {}
    yield "POST", "/v1/latents", body(), {"authorization": "Bearer obclip_wrong"}
    yield "POST", "/v1/latents", body(), {**bearer, "content-type": "text/plain"}
    yield "POST", "/v1/latents", body(), {**bearer, "origin": "https://other.example"}
    yield "POST", "/v1/latents", body(), {**bearer, "host": "other.example"}
    yield "POST", "/v1/latents", body(), {**bearer, "obclip-deadline": "soon"}
    yield "GET", "/v1/latents", None, {}
    for path in ("/v1/health", "/v1/models", "/readyz", "/livez", "/openapi.json", "/v2/models/stickers", "/nothing"):
        yield "GET", path, None, {}


def answers(url: str, bearer: dict[str, str]) -> list[tuple[int, str, bytes]]:
    out = []
    with httpx.Client(base_url=url, timeout=120, trust_env=False) as client:
        for method, path, data, headers in questions(bearer):
            answer = client.request(method, path, content=data, headers={**JSON, **headers})
            out.append((answer.status_code, answer.headers.get("content-type", ""), answer.content))
    return out


def compare(url: str, bundle: Path, tokens: Path, bearer: dict[str, str]) -> list[str]:
    """Questions that are answered otherwise than by the plain service."""
    plain = Process(bundle, "--threads", "1", "--tokens", str(tokens))
    try:
        expected = answers(plain.url, bearer)
    finally:
        plain.stop()
    asked = [f"{method} {path} {headers}" for method, path, _, headers in questions(bearer)]
    return [
        f"{a}: {e[:2]} {e[2][:80]!r}, with Ray {f[:2]} {f[2][:80]!r}"
        for a, e, f in zip(asked, expected, answers(url, bearer), strict=True)
        if e != f
    ]


def burst(url: str, headers: dict[str, str]) -> Counter[str]:
    """Many more at once than replicas and queues hold."""
    seen: Counter[str] = Counter()

    def ask() -> None:
        answer = httpx.post(url + "/v1/latents", content=body(), headers=headers, timeout=120, trust_env=False)
        kind = answer.headers["content-type"].partition(";")[0]
        after = answer.headers.get("retry-after", "none")
        seen[f"{answer.status_code} {kind}" + (f" after {after}" if answer.is_error else "")] += 1

    threads = [threading.Thread(target=ask) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def send_marked(url: str, bearer: dict[str, str]) -> None:
    """Marks in everything that Ray's proxy reads, besides those in the request itself."""
    orders = {
        "x-request-id": "zqtemplate",
        "serve_multiplexed_model_id": "zqvalue",
        "serve-multiplexed-model-id": "zqvalue",
        "x-session-id": "zqtext",
        "traceparent": "zqaxis",
        "x-request-timeout-seconds": "zqphrase",
        "x-request-disconnect-disabled": "zqnegative",
        "user-agent": "zqtemplate",
    }
    for data in (marked(), marked(model="zqtemplate"), marked(plan="zqtemplate"), marked()[:-9], marked(seed=1)):
        httpx.post(
            url + "/v1/latents", content=data, headers={**JSON, **bearer, **orders}, timeout=120, trust_env=False
        )
    httpx.get(url + "/zqtemplate?zqvalue=zqtext", headers=orders, timeout=60, trust_env=False)
    with contextlib.suppress(httpx.TimeoutException):  # a client that leaves
        httpx.post(url + "/v1/latents", content=marked(), headers={**JSON, **bearer}, timeout=0.05, trust_env=False)


def search(folder: Path, needles: list[bytes]) -> tuple[list[str], int]:
    """``file: needle`` of what is found below a folder, and the number of files."""
    files = [p for p in folder.rglob("*") if p.is_file() and not p.is_symlink()]
    found = []
    for path in files:
        with contextlib.suppress(OSError):
            content = path.read_bytes()
            found += [f"{path.name}: {needle!r}" for needle in needles if needle in content]
    return found, len(files)


def run(bundle: Path) -> dict[str, Any]:
    work = Path(tempfile.mkdtemp(prefix="ray-scenario-"))
    good, record = make_token()
    write_tokens(work / "tokens.json", [record])
    bearer = {"authorization": f"Bearer {good}"}
    headers = {**JSON, **bearer}
    begun = time.monotonic()
    box = Box(bundle, work / "tokens.json")
    found: dict[str, Any] = {"started": round(time.monotonic() - begun)}
    try:
        found["different"] = compare(box.url, bundle, work / "tokens.json", bearer)
        right = httpx.post(
            box.url + "/v1/latents", content=body(), headers=headers, timeout=60, trust_env=False
        ).content
        found["burst"] = burst(box.url, headers)
        send_marked(box.url, bearer)
        answer = httpx.get(box.url + "/livez", headers={"x-request-id": "chosen"}, trust_env=False)
        found["ids"] = answer.headers.get_list("x-request-id")
        wait_for(lambda: len(box.told()) == 2, PATIENCE)
        before = box.told()
        with Load(box.url, body(), headers, right) as load:
            wait_for(lambda: load.seen["right"] >= 2 * CLIENTS, PATIENCE)
            killed = box.replicas()[0]
            killed.send_signal(signal.SIGKILL)
            wait_for(lambda: len(box.told()) == 2 and len(before & box.told()) == 1, PATIENCE)
            done = load.seen["right"]
            wait_for(lambda: load.seen["right"] >= done + 2 * CLIENTS, PATIENCE)
        found["killed"] = load.seen
        before = box.told()
        with Load(box.url, body(), headers, right) as load:
            wait_for(lambda: load.seen["right"] >= CLIENTS, PATIENCE)
            box.process.send_signal(signal.SIGHUP)
            wait_for(lambda: len(box.told()) == 2 and not before & box.told(), PATIENCE)
            done = load.seen["right"]
            wait_for(lambda: load.seen["right"] >= done + 2 * CLIENTS, PATIENCE)
        found["rolled"] = load.seen
        box.replicas()
        needles = [*(m.encode() for m in MARKS), good.encode(), f"{SEED:016x}".encode(), str(SEED).encode()]
        found["marks"], found["files"] = search(box.folder, [*needles, right[-64:-32]])
        # The search finds what is there: the id that the service gives each request stands in its log.
        found["control"] = len(search(box.folder, [name.encode() for name in list(load.ids)[:3]])[0])
        out, error = box.end()
    except BaseException as failure:
        failure.add_note(f"seen until then: {found}")
        with contextlib.suppress(subprocess.TimeoutExpired):
            said = [line for line in box.end()[1].splitlines() if '"event": "request"' not in line]
            failure.add_note("what the service said: " + "\n".join(said)[-3000:])
        raise
    found["code"] = box.serving.process.returncode
    found["logged"] = error.count('"event": "request"')
    found["in output"] = [needle.decode() for needle in needles if needle in (out + error).encode()]
    _, alive = psutil.wait_procs(box.family, timeout=20)
    found["alive"] = [" ".join(p.cmdline())[:80] for p in alive]
    found["left"] = [p.name for p in box.folder.iterdir()]
    found["errors"] = error[-2000:] if found["code"] else ""
    shutil.rmtree(box.folder, ignore_errors=True)
    shutil.rmtree(work)
    return found


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]))))
