"""Graphs to LiteRT (``.tflite``) by litert-torch."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from pathlib import Path

from .errors import ConversionError
from .graphs import Graph


def convert(graphs: dict[str, Graph], path: Path) -> None:
    """Write one ``.tflite`` with a named signature per entry (all entries share their weights).

    Raises:
        ConversionError: the converter refused an operator; the message is its own first line.
    """
    with warnings.catch_warnings(), _quiet():
        warnings.simplefilter("ignore")  # the converter's dependencies warn about themselves
        import litert_torch

        converter = litert_torch.Converter()
        for name, graph in graphs.items():
            converter = converter.signature(name, graph.module, sample_kwargs=graph.inputs)
        try:
            converter.convert().export(str(path))
        except OSError:
            raise
        except Exception as error:  # the converter raises many kinds; each means "not this graph"
            role = next(iter(graphs.values())).role
            first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise ConversionError(f"LiteRT cannot convert {role}: {first}") from error


@contextlib.contextmanager
def _quiet():  # type: ignore[no-untyped-def]
    """Keep the converter's chatter off the terminal; its errors still raise."""
    logging.disable(logging.WARNING)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        logging.disable(logging.NOTSET)
