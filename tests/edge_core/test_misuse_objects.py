"""Cores, options and the making of sessions, called wrongly: the rest of the matrix of test_misuse.py."""

from __future__ import annotations

import ctypes as c
from collections.abc import Callable
from typing import Any, Final

import pytest

from .binding import NAMES, SIGNATURES, CallError, Core, Options, Session, library, opened, said
from .building import LEXICON, SECOND_LOOK
from .test_misuse import HUGE, HUGE_TEXT, MISUSE, outs, picture, undisturbed
from .transcripts import COINS, KEY, NOW, drive, options_of, session_of, tokenizer_bytes

_PTR: Final = c.c_void_p


def test_null_and_strange_handles() -> None:
    """Every function with NULL, and with an object of another kind, in the place of its own."""
    lib, core, options = library(), opened(), options_of(picture())
    session = session_of(picture())
    mine = {"core": core.handle, "options": options.handle, "session": session.handle}
    number, made = c.c_double(), _PTR(5)
    calls: dict[str, tuple[str, Callable[[Any], int]]] = {
        "obclip_core_lexicon": ("core", lambda h: lib.obclip_core_lexicon(h, *outs())),
        "obclip_options_new": ("core", lambda h: lib.obclip_options_new(h, c.byref(made))),
        "obclip_set": ("options", lambda h: lib.obclip_set(h, b"steps", b"3", 1)),
        "obclip_set_tokenizer": ("options", lambda h: lib.obclip_set_tokenizer(h, b"{}", 2)),
        "obclip_set_ledger": ("options", lambda h: lib.obclip_set_ledger(h, b"", 0, KEY, 32, NOW)),
        "obclip_session_new": (
            "core", lambda h: lib.obclip_session_new(h, options.handle, b"a", 1, 0, None, 0, c.byref(made))
        ),
        "obclip_get_text": ("session", lambda h: lib.obclip_get_text(h, NAMES.LEXICON_VERSION, 0, *outs())),
        "obclip_get_bytes": ("session", lambda h: lib.obclip_get_bytes(h, NAMES.BODY, *outs())),
        "obclip_get_number": ("session", lambda h: lib.obclip_get_number(h, NAMES.NOTES, 0, c.byref(number))),
        "obclip_give_decision": ("session", lambda h: lib.obclip_give_decision(h, 0, b"slot")),
        "obclip_give_stored": ("session", lambda h: lib.obclip_give_stored(h, 1)),
        "obclip_give_response": ("session", lambda h: lib.obclip_give_response(h, 200, b"", 0)),
        "obclip_give_failure": ("session", lambda h: lib.obclip_give_failure(h, NAMES.DEADLINE, b"", 0)),
        "obclip_give_floats": ("session", lambda h: lib.obclip_give_floats(h, (c.c_float * 1)(0), 1)),
        "obclip_cancel": ("session", lambda h: lib.obclip_cancel(h)),
    }  # fmt: skip
    for name, (kind, call) in calls.items():
        for other, handle in {"NULL": None, **mine}.items():
            if other != kind:
                assert call(handle) == MISUSE, (name, other)
    assert lib.obclip_session_new(core.handle, session.handle, b"a", 1, 0, None, 0, c.byref(made)) == MISUSE
    assert made.value is None
    for strange in (None, core.handle, options.handle):
        assert lib.obclip_next(strange) == 0
        lib.obclip_session_free(strange)
    for free, others in (("core", (None, options.handle)), ("options", (None, core.handle, session.handle))):
        for strange in others:
            getattr(lib, f"obclip_{free}_free")(strange)
    assert lib.obclip_last_error(options.handle, *outs()) == MISUSE
    assert lib.obclip_last_error(core.handle, None, None) == MISUSE
    assert lib.obclip_last_error(None, None, None) == MISUSE
    assert lib.obclip_core_lexicon(core.handle, None, outs()[1]) == MISUSE
    rest = {"obclip_abi", "obclip_core_new", "obclip_last_error", "obclip_next", "obclip_alloc", "obclip_release"}
    assert {*calls} | rest | {f"obclip_{n}_free" for n in mine} == {*SIGNATURES}
    assert drive(session, picture(), []) == undisturbed()


def test_cores_of_damaged_word_lists() -> None:
    words, looks, made = LEXICON.read_bytes(), SECOND_LOOK.read_bytes(), _PTR(5)
    new = library().obclip_core_new
    assert new(words, len(words), looks, len(looks), None) == MISUSE
    for arguments in ((None, 5, looks, len(looks)), (words, HUGE, looks, len(looks)), (words, len(words), None, 1),
                      (words, len(words), looks, HUGE), (None, HUGE, None, HUGE)):  # fmt: skip
        assert new(*arguments, c.byref(made)) == MISUSE
        assert made.value is None
        assert said(None)
    for a, b in (
        (b"", looks),
        (words, b""),
        (looks, words),
        (words[:-1], looks),
        (words, looks[:99]),
        (words + b"x", looks),
    ):
        with pytest.raises(CallError) as error:
            Core(a, b)
        assert error.value.status == NAMES.REFUSED
        assert str(error.value)
    assert opened().lexicon
    assert library().obclip_abi() == NAMES.ABI


def test_options_that_are_refused_leave_the_others() -> None:
    lib, options = library(), options_of(picture())
    handle = options.handle
    for word, data, size in (
        (None, b"1", 1),
        (b"steps", None, 1),
        (b"steps", b"1", HUGE_TEXT),
        (b"steps", None, HUGE),
    ):
        assert lib.obclip_set(handle, word, data, size) == MISUSE
    for option, value in (
        ("no_such", "1"), ("", ""), ("Steps", "1"), ("steps ", "1"), ("steps", ""), ("steps", "x"), ("steps", "1.5"),
        ("steps", "nan"), ("steps", "inf"), ("steps", "9" * 400), ("steps", "0"), ("guidance_scale", "nan"),
        ("guidance_scale", "1,5"), ("strict", "yes"), ("strict", "True"), ("max_length", "2"), ("image_size", "0"),
        ("image_size", "99999"), ("latent_channels", "-1"), ("steps", "\u0663"), ("bos_id", "-1"),
    ):  # fmt: skip
        with pytest.raises(CallError) as error:
            options.set(option, value)
        assert error.value.status == NAMES.REFUSED, (option, value)
    assert lib.obclip_set(handle, b"model", b"\xff", 1) == NAMES.REFUSED
    assert lib.obclip_set(handle, b"\xff", b"1", 1) == NAMES.REFUSED
    for data, size, status in (
        (None, 1, MISUSE),
        (b"{}", HUGE, MISUSE),
        (None, 0, NAMES.REFUSED),
        (b"{}", 2, NAMES.REFUSED),
    ):
        assert lib.obclip_set_tokenizer(handle, data, size) == status
    whole = tokenizer_bytes()
    for damaged in (whole[:-1], whole[1:], whole.replace(b'"BPE"', b'"WPE"', 1), b"[" * 99999, b"\xff" * 99):
        assert lib.obclip_set_tokenizer(handle, damaged, len(damaged)) == NAMES.REFUSED
    for data, size, key, length in ((None, 1, KEY, 32), (b"", HUGE, KEY, 32), (b"", 0, None, 32), (b"", 0, KEY, 31),
                                    (b"", 0, KEY, 33), (b"", 0, None, 0), (b"", 0, KEY, HUGE)):  # fmt: skip
        assert lib.obclip_set_ledger(handle, data, size, key, length, NOW) == MISUSE
    assert lib.obclip_options_new(opened().handle, None) == MISUSE
    assert drive(Session(options, picture().prompt, picture().seed), picture(), []) == undisturbed()


def test_sessions_that_cannot_begin() -> None:
    lib, core, options = library(), opened(), options_of(picture())
    made = _PTR(5)

    def new(owner: Any, chosen: Any, prompt: Any, size: int, coins: Any = None, tossed: int = 0) -> int:
        made.value = 5
        return int(lib.obclip_session_new(owner, chosen, prompt, size, 0, coins, tossed, c.byref(made)))

    other = Core(LEXICON.read_bytes(), SECOND_LOOK.read_bytes())
    assert lib.obclip_session_new(core.handle, options.handle, b"a", 1, 0, None, 0, None) == MISUSE
    for arguments in ((core.handle, None, b"a", 1), (other.handle, options.handle, b"a", 1),
                      (core.handle, options.handle, None, 1), (core.handle, options.handle, b"a", HUGE_TEXT),
                      (core.handle, options.handle, b"a", 1, None, 1),
                      (core.handle, options.handle, b"a", 1, COINS, HUGE_TEXT)):  # fmt: skip
        assert new(*arguments) == MISUSE
        assert made.value is None
    for prompt in (b"\xff", b"a\xed\xa0\x80", b"\xc0\x80", b"a woman\xf4\x90\x80\x80"):
        assert new(core.handle, options.handle, prompt, len(prompt)) == NAMES.REFUSED
        assert "UTF-8" in said(core.handle)
    for bare in (Options(core), Options(core, {"model": "stickers"}), Options(core, {}, tokenizer_bytes())):
        assert new(core.handle, bare.handle, b"a", 1) == NAMES.REFUSED
        assert "not set" in said(core.handle)
    unset = options_of(picture())
    unset.set("scaling_factor", -1.0)
    assert new(core.handle, unset.handle, b"a", 1) == NAMES.REFUSED


def test_memory_for_callers_without_an_allocator() -> None:
    lib = library()
    for size in (0, 1, 4096, 64 << 20):
        block = lib.obclip_alloc(size)
        assert block
        c.memset(block, 7, size)
        lib.obclip_release(block)
    for size in (HUGE, 2**62, 2**64 - 1):
        assert lib.obclip_alloc(size) is None
    lib.obclip_release(None)
