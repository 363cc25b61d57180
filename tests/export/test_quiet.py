"""Converters leave the process as they found it: streams, logging, warnings, and other libraries' functions."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from export import graphs
from export.errors import ConversionError
from export.litert import convert as litert
from export.pair import load_source
from export.quiet import quiet


@pytest.fixture(params=[logging.NOTSET, logging.CRITICAL])
def disabled(request: pytest.FixtureRequest) -> Iterator[int]:
    """What the program had switched off itself."""
    logging.disable(request.param)
    yield request.param
    logging.disable(logging.NOTSET)


def _state() -> tuple[Any, ...]:
    from ai_edge_quantizer.algorithms.uniform_quantize import uniform_quantize_tensor as module

    root = logging.getLogger()
    return (
        (sys.stdout, sys.stderr, warnings.showwarning, list(warnings.filters)),
        (root.level, list(root.handlers), logging.root.manager.disable),
        module.uniform_quantize,
    )


def _spoil() -> None:
    print("chatter")
    print("a bar", file=sys.stderr)
    logging.getLogger("somebody").warning("chatter")
    warnings.warn("chatter", stacklevel=1)
    logging.getLogger().addHandler(logging.StreamHandler())
    logging.getLogger().setLevel(logging.DEBUG)


def _spoil_and_fail() -> None:
    with quiet():
        _spoil()
        _ = 1 / 0


def test_nothing_is_printed_and_all_is_as_it_was(disabled: int, capfd: pytest.CaptureFixture[str]) -> None:
    before = _state()
    with quiet(bars=True):
        _spoil()
    assert _state() == before
    with pytest.raises(ZeroDivisionError):
        _spoil_and_fail()
    assert _state() == before
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", "a bar\n")  # the second one takes no bars


def test_what_the_program_switched_off_stays_off_within(caplog: pytest.LogCaptureFixture) -> None:
    logging.disable(logging.CRITICAL)
    try:
        with quiet():
            logging.getLogger("somebody").error("not even this")
    finally:
        logging.disable(logging.NOTSET)
    assert caplog.records == []


def test_conversions_leave_the_process_as_it_was(random_pair: Path, tmp_path: Path, disabled: int) -> None:
    graph = graphs.text_encoder(load_source(random_pair / "small"), 1)
    litert.convert({"text_encoder": graph}, tmp_path / "warm.tflite")  # libraries set themselves up when first loaded
    before = _state()
    litert.convert({"text_encoder": graph}, tmp_path / "a.tflite")
    litert.reduce(tmp_path / "a.tflite", "int8", tmp_path / "b.tflite")
    (tmp_path / "broken.tflite").write_bytes(b"not a model")
    with pytest.raises(ConversionError):
        litert.reduce(tmp_path / "broken.tflite", "int8", tmp_path / "c.tflite")
    assert _state() == before


@pytest.mark.parametrize(("release", "patched"), [("0.10.0", True), ("0.11.0", False), ("0.9.0", False)])
def test_the_quantizer_is_patched_in_the_release_that_was_read(
    monkeypatch: pytest.MonkeyPatch, release: str, patched: bool
) -> None:
    from ai_edge_quantizer.algorithms.uniform_quantize import uniform_quantize_tensor as module

    own = module.uniform_quantize
    monkeypatch.setattr(litert, "version", lambda _: release)
    with litert._large_weights():
        assert (module.uniform_quantize is not own) == patched
    assert module.uniform_quantize is own
