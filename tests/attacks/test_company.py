"""Two clients of one cloud: the attack sees a service whose time depends on the other's words."""

from __future__ import annotations

import threading
import time

from attacks import Lab
from attacks.company import guess, meet
from attacks.wire import Request, http, recording


def test_a_service_that_takes_longer_for_one_victim_is_seen() -> None:
    """One request at a time, as a cloud works; the second victim's takes longer."""
    lock = threading.Lock()

    def respond(request: Request) -> object:
        with lock:
            time.sleep(0.3 if request.body == b"second" else 0.02)
        return http(200, b"latents")

    with Lab(quick=True) as lab, recording(respond) as server:  # type: ignore[arg-type]
        meetings = meet(lab, server.url, [b"first", b"second"], b"own", 40)
    hits, guesses = guess(meetings)
    assert guesses == 20
    assert hits >= 15
