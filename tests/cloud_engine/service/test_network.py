"""The service contacts nobody and looks nothing up: watched in an empty network, through every path that it has."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from testing.watching import hindrance, watch

#: Serves with tokens and a listed name, asks everything with and without a token, loads and unloads, and stops.
_USED = """
import json, subprocess, sys, urllib.error, urllib.request
from pathlib import Path
bundle, tokens, body = sys.argv[1:]
obclip = [sys.executable, "-m", "edge_sdk", "serve"]
new = [*obclip, "token", "new", "--tokens", tokens, "--role", "admin"]
token = subprocess.run(new, capture_output=True, text=True, check=True).stdout.strip()
extra = ["--tokens", tokens, "--allow-host", "cloud.example", "--allow-origin", "https://app.example"]
statuses = set()
with subprocess.Popen([*obclip, "--bundle", bundle, "--port", "0", "--json", *extra], stdout=subprocess.PIPE) as server:
    url = json.loads(server.stdout.readline())["url"]
    admin = "/v2/repository/models/stickers/"
    for method, path in (
        *(("GET", p) for p in ("/livez", "/readyz", "/v1/health", "/v1/models", "/metrics", "/openapi.json", "/none")),
        *(("GET", "/v2/" + p) for p in ("health/live", "health/ready", "models/stickers", "models/stickers/ready")),
        *(("POST", p) for p in ("/v1/latents", admin + "unload", admin + "load", "/v1/latents", admin[:15] + "index")),
    ):
        bearer = {"authorization": "Bearer " + token}
        for headers in ({}, bearer, {"host": "cloud.example"}, {"origin": "https://x.example"}):
            data = Path(body).read_bytes() if method == "POST" else None
            headers = {"content-type": "application/json", **headers}
            request = urllib.request.Request(url + path, data, headers, method=method)
            try:
                with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=120) as answer:
                    statuses.add(answer.status)
            except urllib.error.HTTPError as error:
                statuses.add(error.code)
    server.terminate()
print(json.dumps(sorted(statuses)))
sys.exit(server.returncode)
"""


@pytest.mark.skipif(bool(hindrance()), reason=f"a command cannot be watched here: {hindrance()}")
def test_the_service_contacts_nobody(random_bundles: Path, tmp_path: Path) -> None:
    from .serving import body

    (tmp_path / "body").write_bytes(body())
    given = [str(random_bundles / "cloud"), str(tmp_path / "tokens.json"), str(tmp_path / "body")]
    seen = watch([sys.executable, "-c", _USED, *given], tmp_path)
    assert seen.code == 0, seen.stderr
    assert seen.stdout.strip() == "[200, 401, 403, 404]"
    assert seen.strangers == []
    assert seen.files == []
    assert "Traceback" not in seen.stderr
