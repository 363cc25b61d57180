"""The attacks hear every log line, also where the command keeps other libraries off the terminal."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from attacks.logs import all_records


class _Quiet(logging.Logger):
    def isEnabledFor(self, level: int) -> bool:  # noqa: N802
        return level >= logging.ERROR and super().isEnabledFor(level)


@pytest.fixture
def library() -> Iterator[logging.Logger]:
    """A logger of some library, made while the command's own class of loggers is set."""
    before = logging.getLoggerClass()
    logging.setLoggerClass(_Quiet)
    try:
        yield logging.getLogger("some_library.deep")
    finally:
        logging.setLoggerClass(before)


def test_a_silenced_library_is_heard_and_silent_again_after(library: logging.Logger) -> None:
    library.debug("before")
    with all_records() as records:
        library.debug("the prompt: %s", "secret")
    library.debug("after")
    assert [r.getMessage() for r in records] == ["the prompt: secret"]
    assert not library.isEnabledFor(logging.WARNING)
    assert library.isEnabledFor(logging.ERROR)


def test_levels_and_handlers_are_as_before() -> None:
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    with pytest.raises(ValueError, match="x"), all_records():
        raise ValueError("x")
    assert (root.level, list(root.handlers)) == before
