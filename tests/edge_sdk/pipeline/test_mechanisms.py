"""The whole path with a mechanism other than `closed`: hits and misses, receipts, refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from numpy.typing import NDArray

from edge_sdk import ObliviousPipeline
from edge_sdk.cloud.client import CloudClient
from edge_sdk.errors import (
    BudgetError,
    ImpliedError,
    InputError,
    PrivacyError,
)
from edge_sdk.events import Decoded, Detected, Finished
from edge_sdk.ledger import Ledger
from edge_sdk.privacy import Privacy
from edge_sdk.privacy.closing import slots
from edge_sdk.privacy.metric import domain_of

from ..conftest import Scripted
from ..http_server import serving

SET = "an old woman pilot"
FEW: dict[str, Any] = {"num_inference_steps": 10, "cloud_steps": 4, "seed": 1}


class _Counting:
    """A runtime that counts the UNet's calls."""

    name = "litert"

    def __init__(self, runtime: Any) -> None:
        self.encode_text, self.decode, self._denoise = runtime.encode_text, runtime.decode, runtime.denoise
        self.calls = 0

    def denoise(self, latent: NDArray[Any], timestep: float, states: NDArray[Any]) -> NDArray[Any]:
        self.calls += 1
        return self._denoise(latent, timestep, states)


@pytest.mark.parametrize(
    "privacy",
    [
        Privacy("cover", max_candidates=3),
        Privacy("cover", max_candidates=3, on_miss="local"),
        Privacy("neutral"),
        Privacy("k-subset", epsilon=1.0, max_candidates=2),
        Privacy("k-subset", epsilon=1.0, max_candidates=2, on_miss="local"),
    ],
    ids=["cover", "cover, local", "neutral", "k-subset", "k-subset, local"],
)
def test_a_miss_and_a_hit_look_the_same_from_outside(
    random_bundles: Path, honest: Scripted, tmp_path: Path, privacy: Privacy
) -> None:
    """Same bytes, same phases, same number of device steps for every truth, among the rows or not."""
    seen, hits = set(), set()
    domain = domain_of(slots(SET))
    pipe = ObliviousPipeline.from_bundle(random_bundles / "edge", None, 1, Ledger(tmp_path))
    for choice in domain.choices():
        with serving(honest) as server:
            counting = _Counting(pipe.runtime)
            one = ObliviousPipeline(pipe.bundle, counting, CloudClient(server.url), Ledger(tmp_path))
            events = list(one.steps(domain.member(choice), privacy=privacy, **FEW))
        assert isinstance(events[0], Detected)
        released = events[0].candidates
        assert released is not None
        hits.add(released.exact)
        assert isinstance(events[-1], Decoded)
        assert events[-1].output.receipt.mechanism == privacy.mechanism
        sent = tuple((r.method, r.path, r.body) for r in server.requests)
        seen.add(
            (sent, tuple((type(e), getattr(e, "index", 0), getattr(e, "total", 0)) for e in events), counting.calls)
        )
    assert len(seen) == 1
    # Neutral may have no truth among its rows, where it can say "unspecified".
    assert hits == {True, False} or privacy.mechanism == "neutral"


def test_the_receipt_says_everything(random_bundles: Path, honest: Scripted, tmp_path: Path) -> None:
    with serving(honest) as server:
        pipe = ObliviousPipeline.from_bundle(random_bundles / "edge", server.url, 1, Ledger(tmp_path))
        first = pipe(SET, privacy=Privacy("k-subset", epsilon=1.0, max_candidates=2), **FEW).receipt
        again = pipe(SET, privacy=Privacy("k-subset", epsilon=1.0, max_candidates=2), **FEW).receipt
        cells = pipe(SET, privacy=Privacy("cells", cell_size=3), **FEW).receipt
        free = pipe(SET + " in a church", **FEW).receipt
    assert (first.mechanism, first.n) == ("k-subset", 2)
    assert first.epsilon == pytest.approx(1.0, abs=1e-5)
    assert first.epsilon == first.epsilon_spent == first.epsilon_total
    assert (again.epsilon_spent, again.epsilon_total) == (0.0, first.epsilon_total)
    assert (cells.mechanism, cells.epsilon, cells.bits, cells.epsilon_spent) == ("cells", None, 1.0, 0.0)
    assert "at most 1.00 bits" in cells.guarantee
    assert (free.mechanism, free.epsilon, free.bits, free.axes) == ("closed", 0.0, 0.0, ("gender", "age"))
    assert free.hints == (("religion", "church"),)
    assert free.lexicon
    assert {e["mechanism"] for e in Ledger(tmp_path).export()["entries"]} == {"k-subset", "cells", "closed"}


def test_local_sends_nothing_and_makes_the_whole_picture(random_bundles: Path, honest: Scripted) -> None:
    with serving(honest) as server:
        pipe = ObliviousPipeline.from_bundle(random_bundles / "edge", server.url, 1)
        events = list(pipe.steps(SET, privacy=Privacy("local"), **FEW))
    assert server.requests == []
    assert sum(isinstance(e, Finished) for e in events) == 10
    assert isinstance(events[-1], Decoded)
    assert (events[-1].output.receipt.mechanism, events[-1].output.receipt.cloud_steps) == ("local", 0)


def test_refusals_send_nothing(random_bundles: Path, honest: Scripted, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.set_budget(0.5)
    with serving(honest) as server:
        pipe = ObliviousPipeline.from_bundle(random_bundles / "edge", server.url, 1, ledger)
        for prompt, more, error in (
            (SET, {"negative_prompt": "ugly old man"}, PrivacyError),
            (SET, {"privacy": Privacy("k-subset", epsilon=1.0, max_candidates=2)}, BudgetError),
            ("a naked woman on a playground", {}, InputError),
            ("a pilot with a beard", {}, ImpliedError),
        ):
            with pytest.raises(error):
                pipe(prompt, **FEW, **more)
    assert server.requests == []
