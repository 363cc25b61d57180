"""``obclip serve`` as a process: its start, its end, what it refuses to do, and what it writes."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from .serving import JSON, WORD, Process, body, edited, get, lines_of, post, wait_for


def obclip(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    import os

    command = [sys.executable, "-m", "edge_sdk", "serve", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, env={**os.environ, **env})


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_prints_its_url_answers_and_stops(random_bundles: Path, number: int) -> None:
    serving = Process(random_bundles / "cloud")
    try:
        assert serving.ready == {"url": serving.url, "model": "stickers", "backend": "onnxruntime"}
        assert serving.url.startswith("http://127.0.0.1:")
        assert post(serving.url, body()).status_code == 200
        assert post(serving.url, edited(negative_prompt=f"{WORD} " * 20, pad="")).status_code == 422
    finally:
        code, error = serving.stop(number)
    assert code == 0
    done, refused = lines_of(error, "request")
    assert (done["outcome"], done["n"], done["k"], done["t"], done["plan"]) == ("ok", 10, 2, 8, "balanced")
    assert done["run_ms"] <= done["ms"]
    assert refused["outcome"] == "bad_request"
    assert "Traceback" not in error
    assert WORD not in error


def test_a_signal_right_after_the_url_is_not_lost(random_bundles: Path) -> None:
    code, error = Process(random_bundles / "cloud").stop()
    assert code == 0
    assert "Traceback" not in error


def test_stopping_under_load_says_so_first_and_ends_within_its_grace(random_bundles: Path) -> None:
    serving = Process(random_bundles / "cloud", "--grace", "1", "--threads", "1")
    long = body(steps=200, cloud_steps=100)
    with ThreadPoolExecutor(3) as pool, httpx.Client(base_url=serving.url, trust_env=False) as client:
        assert client.get("/readyz").status_code == 200
        asked = [pool.submit(post, serving.url, long) for _ in range(3)]
        wait_for(lambda: "obclip_num_queue_reqs 2.0" in client.get("/metrics").text)
        began = time.monotonic()
        serving.process.send_signal(signal.SIGTERM)
        wait_for(lambda: client.get("/readyz").status_code == 503, 2)
        refused = client.post("/v1/latents", content=body(), headers=JSON)
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "stopping")
        _, error = serving.process.communicate(timeout=20)
        took = time.monotonic() - began
        answers = [f.result() for f in asked]
    assert serving.process.returncode == 0
    assert "Traceback" not in error
    assert took < 4  # the grace, the step, and uvicorn's own tenths
    assert sorted(a.status_code for a in answers)[1:] == [503, 503]
    for answer in answers:
        if answer.status_code != 200:  # a fast machine may be done within the grace
            assert answer.json()["error"]["code"] == "stopping"
            assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--bundle", "/nowhere"], 4, "no bundle at"),
        (["--host", "203.0.113.1", "--allow-anonymous", "--insecure"], 2, "cannot listen"),
        (["--host", "0.0.0.0"], 2, "--allow-anonymous"),
        (["--host", "0.0.0.0", "--allow-anonymous"], 2, "--insecure"),
        (["--host", "::", "--insecure"], 2, "--allow-anonymous"),
        (["--tokens", "/nowhere"], 2, "cannot be read"),
        (["--tls-certificate", "/nowhere", "--tls-key", "/nowhere"], 2, "there is no file /nowhere"),
        (["--config", "/nowhere"], 2, "no settings file"),
    ],
)
def test_serve_says_why_it_cannot(random_bundles: Path, arguments: list[str], code: int, says: str) -> None:
    given = arguments if "--bundle" in arguments else ["--bundle", str(random_bundles / "cloud"), *arguments]
    checked = [] if "cannot listen" in says else ["--check-config"]
    done = obclip(*given, *checked)
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--backend", "onnxruntime", "--device", "cuda"], 2, "runs on the CPU"),
        (["--backend", "torch", "--device", "cuda"], 5, "no CUDA device"),
        (["--backend", "tensorrt"], 5, "TensorRT"),
    ],
)
def test_the_check_and_the_start_refuse_the_same_backends_with_the_same_code(
    random_bundles: Path, arguments: list[str], code: int, says: str
) -> None:
    """Of machines without such a device; others pass both."""
    given = ["--bundle", str(random_bundles / "cloud"), "--port", "0", *arguments]
    checked = obclip(*given, "--check-config")
    if checked.returncode == 0:
        pytest.skip("this machine has the device")
    started = obclip(*given)
    assert (checked.returncode, checked.stderr) == (started.returncode, started.stderr)
    assert (checked.returncode, checked.stdout) == (code, "")
    assert says in checked.stderr


def test_the_check_sees_an_altered_bundle_and_missing_graphs(random_bundles: Path, tmp_path: Path) -> None:
    import shutil

    for name, file in (("damaged", "unet.onnx"), ("without", "tokenizer.json")):
        bundle = tmp_path / name
        shutil.copytree(random_bundles / "cloud", bundle)
        with (bundle / file).open("ab") as stream:
            stream.write(b"x")
        done = obclip("--bundle", str(bundle), "--check-config")
        assert (done.returncode, done.stdout) == (4, "")
        assert "was altered" in done.stderr


def test_an_open_address_is_served_if_asked_for_by_name_and_warned_about(random_bundles: Path) -> None:
    serving = Process(random_bundles / "cloud", "--host", "0.0.0.0", "--allow-anonymous", "--insecure")
    metrics = get(serving.url, "/metrics")
    code, error = serving.stop()
    assert code == 0
    assert "unencrypted" in error
    assert metrics.status_code == 404  # nobody is told how busy it is


def test_a_taken_port_is_named(random_bundles: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = obclip("--bundle", str(random_bundles / "cloud"), "--port", str(taken.getsockname()[1]))
    # SO_REUSEADDR may let the bind pass on some systems; listening on it then fails.
    assert done.returncode == 2
    assert "cannot listen" in done.stderr


def test_the_settings_in_force_are_shown(random_bundles: Path, tmp_path: Path) -> None:
    file = tmp_path / "serve.toml"
    file.write_text(f'bundles = ["{random_bundles / "cloud"}"]\nport = 1\nqueue_requests = 7\ndeadline = 60.0\n')
    done = obclip("--config", str(file), "--port", "0", "--check-config", "--json", OBCLIP_QUEUE_REQUESTS="9")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["port"], told["queue_requests"], told["deadline"]) == (0, 9, 60.0)
    assert told["host"] == "127.0.0.1"


def test_an_engine_for_one_run_has_no_limits_and_no_shells_settings(random_bundles: Path) -> None:
    import os

    command = [sys.executable, "-m", "edge_sdk", "serve", "--with-parent", "--port", "0", "--json"]
    command += ["--bundle", str(random_bundles / "cloud")]
    env = {**os.environ, "OBCLIP_HOST": "0.0.0.0", "OBCLIP_TOKENS": "/nowhere", "OBCLIP_MAX_EVALUATIONS": "1"}
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)
    assert process.stdout is not None
    assert process.stdin is not None
    url = json.loads(process.stdout.readline())["url"]
    assert url.startswith("http://127.0.0.1:")
    assert post(url, body()).status_code == 200
    process.stdin.close()
    assert process.wait(10) == 0
    process.stdout.close()
