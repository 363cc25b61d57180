"""The C ABI called wrongly, in every state: null pointers, sizes that do not fit, calls out of order, fields that are
not there. All of it gives OBCLIP_MISUSE, or what core.h says, and the session then ends with the same picture.
"""

from __future__ import annotations

import ctypes as c
import math
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from .acting import Event
from .binding import ACTIONS, NAMES, Session, library, said
from .transcripts import Picture, drive, options_of, session_of

#: Larger than any buffer that the core takes; nothing behind the pointer may be read.
HUGE: Final = (64 << 20) + 1
HUGE_TEXT: Final = (1 << 20) + 1
MISUSE: Final = NAMES.MISUSE
_PTR: Final = c.c_void_p
FIELDS: Final = (-1, *range(100), 999, 2**31 - 1)
GIVES: Final = {
    "NEEDS_DECISION": {"decision"}, "STORE": {"stored"}, "SEND": {"response", "failure"},
    "ENCODE_TEXT": {"floats"}, "DENOISE": {"floats"}, "DECODE": {"floats"},
}  # fmt: skip
_READ: Final = {"DETECTED", "STORE", "SEND", "ENCODE_TEXT", "DENOISE", "STEP", "DECODE", "DONE"}
_FINDING: Final = {"NEEDS_DECISION"}
_SENT: Final = {"SEND"}
#: Where each field can be asked for (index 0); whatever is not named here can be asked for nowhere.
TEXTS: Final = {
    **dict.fromkeys(("TEMPLATE", "MEMBER", "AXIS", "ATTRIBUTE_AXIS", "ATTRIBUTE_SURFACE", "ATTRIBUTE_VALUE",
                     "REQUEST_SHA256", "MECHANISM", "GUARANTEE", "TRUE_MEMBER", "NOTE"), _READ),
    **dict.fromkeys(("FINDING_AXIS", "FINDING_SURFACE", "FINDING_VALUE", "FINDING_INSTEAD", "FINDING_SLOT",
                     "FINDING_WHY"), _FINDING),
    **dict.fromkeys(("METHOD", "PATH", "HEADER_NAME", "HEADER_VALUE"), _SENT),
    "MESSAGE": {"STOPPED"}, "LEXICON_VERSION": {*ACTIONS.values(), ""},
}  # fmt: skip
BYTES: Final = {
    "BODY": {"DETECTED", "SEND", "DONE"}, "LEDGER_BYTES": {"STORE"}, "TOKENS": {"ENCODE_TEXT"}, "SAMPLE": {"DENOISE"},
    "LATENT_FLOATS": {"STEP", "DECODE"}, "PIXELS": {"DONE"},
}  # fmt: skip
_GOING: Final = _READ | _FINDING
NUMBERS: Final = {
    **dict.fromkeys(("MEMBERS", "AXES", "ATTRIBUTES", "EPSILON", "EPSILON_SPENT", "EPSILON_TOTAL", "BITS", "HINTS",
                     "ATTRIBUTE_START", "ATTRIBUTE_END", "INDEX", "EXACT"), _READ),
    **dict.fromkeys(("NOTES", "FINDINGS", "LENGTH", "STEP_INDEX", "STEPS", "WIDTH", "HEIGHT", "BYTES_UP",
                     "BYTES_DOWN"), _GOING),
    **dict.fromkeys(("FINDING_START", "FINDING_END"), _FINDING),
    "HEADERS": {"SEND"}, "ROWS": {"ENCODE_TEXT", "DENOISE"}, "TIMESTEP": {"DENOISE", "STEP"},
    "REFUSAL": {*_GOING, "STOPPED"}, "EXIT_CODE": {"STOPPED"},
}  # fmt: skip
#: Fields that take an index, with the field that says how many there are.
COUNTED: Final = {
    "MEMBER": "MEMBERS", "AXIS": "AXES", "ATTRIBUTE_AXIS": "ATTRIBUTES", "ATTRIBUTE_SURFACE": "ATTRIBUTES",
    "ATTRIBUTE_VALUE": "ATTRIBUTES", "ATTRIBUTE_START": "ATTRIBUTES", "ATTRIBUTE_END": "ATTRIBUTES", "NOTE": "NOTES",
    "FINDING_AXIS": "FINDINGS", "FINDING_SURFACE": "FINDINGS", "FINDING_VALUE": "FINDINGS",
    "FINDING_INSTEAD": "FINDINGS", "FINDING_SLOT": "FINDINGS", "FINDING_WHY": "FINDINGS", "FINDING_START": "FINDINGS",
    "FINDING_END": "FINDINGS", "HEADER_NAME": "HEADERS", "HEADER_VALUE": "HEADERS",
}  # fmt: skip


def picture() -> Picture:
    """One that comes by every action but STOPPED."""
    arguments = {"num_inference_steps": 6, "cloud_steps": 2, "device_stride": 3}
    privacy = {"on_implied": "ask", "mechanism": "neutral"}
    return Picture("an old nun", arguments, privacy, decide=lambda *_: "slot", ledger=Path("/nowhere"))


@cache
def undisturbed() -> list[Event]:
    return drive(session_of(picture()), picture(), [])


def test_the_picture_comes_by_every_action() -> None:
    seen: set[str] = set()
    drive(session_of(picture()), picture(), [], lambda _session, action, _answered: seen.add(action))
    assert seen == {*ACTIONS.values()} - {"STOPPED"}


def outs() -> tuple[Any, Any]:
    return c.byref(c.POINTER(c.c_uint8)()), c.byref(c.c_size_t())


def _wrong_gives(handle: Any, action: str, answered: bool) -> Iterator[tuple[str, int]]:
    """Every answer that does not fit the state, and every wrong form of the one that does; each with what it gave."""
    lib = library()
    numbers = (c.c_float * 4)(1, 2, 3, 4)
    expected = set() if answered else GIVES.get(action, set())
    whole: dict[str, Callable[[], int]] = {
        "decision": lambda: lib.obclip_give_decision(handle, 0, b"allow"),
        "stored": lambda: lib.obclip_give_stored(handle, 1),
        "response": lambda: lib.obclip_give_response(handle, 200, b"x", 1),
        "failure": lambda: lib.obclip_give_failure(handle, NAMES.UNREACHABLE, b"x", 1),
        "floats": lambda: lib.obclip_give_floats(handle, numbers, 4),
    }
    for name, give in whole.items():
        # A decision may be changed until the next call of obclip_next.
        if name not in expected and not (name == "decision" and action == "NEEDS_DECISION"):
            yield name, give()
    if action != "NEEDS_DECISION" or not answered:
        for index, word in (
            (0, None),
            (0, b"no"),
            (0, b""),
            (0, b"ask"),
            (0, b"\xff"),
            (99, b"slot"),
            (2**63, b"slot"),
        ):
            yield f"decision {index} {word!r}", lib.obclip_give_decision(handle, index, word)
    for size in (1, HUGE, 2**62):
        yield f"response NULL {size}", lib.obclip_give_response(handle, 200, None, size)
        yield f"failure NULL {size}", lib.obclip_give_failure(handle, NAMES.DEADLINE, None, size)
    yield "response too large", lib.obclip_give_response(handle, 200, b"x", HUGE)
    yield "failure too large", lib.obclip_give_failure(handle, NAMES.DEADLINE, b"x", HUGE_TEXT)
    yield "failure no UTF-8", lib.obclip_give_failure(handle, NAMES.DEADLINE, b"\xff", 1)
    for kind in (-1, 0, NAMES.CLOUD, NAMES.CANCELLED, 99):
        yield f"failure {kind}", lib.obclip_give_failure(handle, kind, b"x", 1)
    for count in (0, 1, HUGE):
        yield f"floats NULL {count}", lib.obclip_give_floats(handle, None, count)
    for count in (0, HUGE // 4 + 1, 2**62):
        yield f"floats {count}", lib.obclip_give_floats(handle, numbers, count)
    if action in ("DENOISE", "DECODE"):
        for count in (1, 3, 4):
            yield f"floats {count}", lib.obclip_give_floats(handle, numbers, count)


def _check_fields(session: Session, action: str) -> None:
    """What is there is there, and nothing else."""
    lib, handle, value = library(), session.handle, c.c_double()
    named = {n: f for f, n in vars(NAMES).items()}
    for field in FIELDS:
        name = next((n for n in (*TEXTS, *BYTES, *NUMBERS) if getattr(NAMES, n) == field), named.get(field, ""))
        text = lib.obclip_get_text(handle, field, 0, *outs())
        raw = lib.obclip_get_bytes(handle, field, *outs())
        number = lib.obclip_get_number(handle, field, 0, c.byref(value))
        for table, status in ((TEXTS, text), (BYTES, raw), (NUMBERS, number)):
            there = name in table and action in table[name] and _count(session, name, action) != 0
            assert status == (NAMES.OK if there else MISUSE), (action, name or field, status)
        for index in (_count(session, name, action), 2**32, 2**64 - 1) if name in COUNTED else ():
            assert lib.obclip_get_text(handle, field, index, *outs()) == MISUSE, (action, name, index)
            assert lib.obclip_get_number(handle, field, index, c.byref(value)) == MISUSE, (action, name, index)
        for two in ((None, None), (outs()[0], None), (None, outs()[1])):
            assert lib.obclip_get_text(handle, field, 0, *two) == MISUSE
            assert lib.obclip_get_bytes(handle, field, *two) == MISUSE
        assert lib.obclip_get_number(handle, field, 0, None) == MISUSE


def _count(session: Session, name: str, action: str) -> int:
    """How many there are of a field that is counted; 1 of any other."""
    if name not in COUNTED:
        return 1
    return int(session.number(getattr(NAMES, COUNTED[name]))) if action in NUMBERS[COUNTED[name]] else 0


def _meddle(session: Session, action: str, answered: bool) -> None:
    """All that is wrong here, between what is right."""
    if not answered:
        _check_fields(session, action)
    for call, status in _wrong_gives(session.handle, action, answered):
        assert status == MISUSE, (action, answered, call, said(session.core.handle))
        assert said(session.core.handle)
    if not answered and action in GIVES:
        assert library().obclip_next(session.handle) == 0
        assert "has not been answered" in said(session.core.handle)


def test_wrong_calls_in_every_state_change_nothing() -> None:
    session = session_of(picture())
    _meddle(session, "", False)  # before the first obclip_next
    assert drive(session, picture(), [], _meddle) == undisturbed()
    _meddle(session, "DONE", False)
    for _ in range(3):
        assert session.next() == NAMES.DONE


def test_wrong_calls_where_it_stopped_change_nothing() -> None:
    stopped = Picture("a bride and ein alter Mann mit Hut im Haus")
    session = session_of(stopped)
    end = drive(session, stopped, [], _meddle)
    assert end[-1][0] == "stopped"
    session.cancel()
    _meddle(session, "STOPPED", False)
    assert drive(session, stopped, []) == end[-1:]


def test_a_decision_is_due_for_each_finding() -> None:
    two = Picture("a nun with a monk", privacy={"on_implied": "ask"}, decide=lambda *_: "slot")
    session = session_of(two)
    assert session.next() == NAMES.NEEDS_DECISION
    count = int(session.number(NAMES.FINDINGS))
    assert count >= 2
    for i in range(count):
        assert library().obclip_next(session.handle) == 0
        session.give_decision(i, "refuse")
    for i in range(count):  # they may be changed until obclip_next
        session.give_decision(i, "slot")
    assert drive(session, two, []) == drive(session_of(two), two, [])[1:]


# -- stopping


def test_cancelled_at_every_action() -> None:
    """Before and behind each answer: what comes next is STOPPED, and nothing is to be done any more."""
    states: list[tuple[str, bool]] = []
    drive(session_of(picture()), picture(), [], lambda _session, action, answered: states.append((action, answered)))
    for at, (action, answered) in enumerate(states):
        seen: list[str] = []

        def cancel(session: Session, _action: str, _answered: bool) -> None:
            seen.append("")  # noqa: B023 - used within the turn
            if len(seen) == at + 1:  # noqa: B023
                session.cancel()
                session.cancel()
                assert list(_wrong_gives(session.handle, "", True))
                for call, status in _wrong_gives(session.handle, "", True):
                    assert status == MISUSE, call
                raise _EndError

        session = session_of(picture())
        with pytest.raises(_EndError):
            drive(session, picture(), [], cancel)
        if action == "DONE" or (action, answered) == ("DECODE", True):
            assert session.next() == NAMES.DONE  # it was made already
            continue
        for _ in range(2):
            assert session.next() == NAMES.STOPPED
            assert session.number(NAMES.REFUSAL) == NAMES.CANCELLED
            assert session.number(NAMES.EXIT_CODE) == 130
    before = session_of(picture())
    before.cancel()
    assert before.next() == NAMES.STOPPED


class _EndError(Exception):
    """The transcript ends here."""


def test_what_was_handed_out_is_good_while_others_are_asked_for() -> None:
    """Two texts and two buffers at once, as a binding without copies reads them."""
    lib, session = library(), session_of(Picture("an old woman"))
    assert session.next() == NAMES.DETECTED
    held = []
    for field, index in ((NAMES.TEMPLATE, 0), *((NAMES.MEMBER, i) for i in range(int(session.number(NAMES.MEMBERS))))):
        at, size = c.POINTER(c.c_uint8)(), c.c_size_t()
        assert lib.obclip_get_text(session.handle, field, index, c.byref(at), c.byref(size)) == NAMES.OK
        held.append((at, size.value, session.text(field, index)))
    for at, length, text in held:
        assert c.string_at(at, length).decode() == text


def test_sessions_of_one_core_do_not_mix() -> None:
    """Two pictures step by step in turns, of options that are freed and changed meanwhile."""
    first, other = Picture("an old woman", {"num_inference_steps": 4}), Picture("a young man", {"guidance_scale": 1.0})
    alone = [drive(session_of(p), p, []) for p in (first, other)]
    options = options_of(first)
    session, inner = Session(options, first.prompt, first.seed), session_of(other)
    options.set("steps", 9)
    del options
    parts: list[Event] = []
    state = {"running": False}

    def between(_session: Session, _action: str, _answered: bool) -> None:
        if not state["running"]:
            state["running"] = True
            drive(inner, other, parts)

    assert drive(session, first, [], between) == alone[0]
    assert parts == alone[1]


def test_numbers_that_are_none_are_nan() -> None:
    session = session_of(Picture("an old woman"))
    assert session.next() == NAMES.DETECTED
    assert math.isnan(session.number(NAMES.EPSILON_TOTAL))
    assert session.number(NAMES.EPSILON) == 0.0
