"""A session of the core against Python's pipeline: whole transcripts (transcripts.py), compared with ``==``.

Both do the same float operations in the same order, so latents and pixels are equal to the last bit. Only where a run
begins from noise, or takes a latent back with noise, do the platform's ``log`` and ``cos`` enter; if they differ from
numpy's here (:func:`noise_is_equal`), what comes after may differ as little as that.

Not compared, because one side alone has it: milliseconds and the cloud's address in the receipt (the shell's), and
where the ledger lies in the words of its errors (the core has no folder).
"""

from __future__ import annotations

import itertools
import math
import os
import random
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from edge_sdk.ledger import Ledger
from edge_sdk.ledger.schema import KEY_FILE
from obclip_contract import TokenizerSpec, standard_normal

from .acting import SHAPE, Event, manifest
from .binding import NAMES, CallError, Session
from .stored import read_database, read_stored
from .transcripts import KEY, NOW, SEED, Picture, by_core, by_python, drive, options_of, session_of

#: Pictures of each kind in an ordinary run.
EXAMPLES: Final = max(1, int(os.environ.get("OBCLIP_CORE_EXAMPLES", "600")) // 20)
MECHANISMS: Final = ("auto", "closed", "cover", "cells", "neutral", "local")
PROMPTS: Final = (
    "an old woman", "a red umbrella in the rain", "an old man and a young woman", "a man with dark skin, smiling",
    "portrait of an elderly Japanese woman with a cat", "a girl kisses her grandmother",
)  # fmt: skip
_LATENTS: Final = ("denoise", "step", "decode")


@cache
def noise_is_equal() -> bool:
    """Whether this platform's ``log`` and ``cos`` give the core the noise that numpy has."""
    picture = Picture(privacy={"mechanism": "local"}, arguments={"num_inference_steps": 1})
    events: list[Event] = []
    drive(session_of(picture), picture, events)
    return bool(events[2][3] == standard_normal(SEED, SHAPE).tobytes())


def check(picture: Picture, from_noise: bool = False) -> list[Event]:
    """Both make it, and say the same; what they said."""
    python, core = by_python(picture), by_core(picture)
    if not from_noise or noise_is_equal():
        assert core == python
        return python
    assert [e[0] for e in core] == [e[0] for e in python]
    for ours, theirs in zip(core, python, strict=True):
        if ours[0] in _LATENTS:
            assert ours[1:-1] == theirs[1:-1] or ours[0] == "denoise"
            np.testing.assert_allclose(_floats(ours[-1]), _floats(theirs[-1]), rtol=1e-4, atol=1e-4)
        elif ours[0] == "done":
            assert ours[2] == theirs[2]
            assert np.abs(_pixels(ours[1]) - _pixels(theirs[1])).max() <= 1
        else:
            assert ours == theirs
    return python


def _floats(data: bytes) -> Any:
    return np.frombuffer(data, "<f4")


def _pixels(data: bytes) -> Any:
    return np.frombuffer(data, np.uint8).astype(int)


def kinds(events: list[Event]) -> list[str]:
    return [e[0] for e in events]


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_every_mechanism(mechanism: str) -> None:
    """The whole picture for each mechanism, and prompts that hide nothing, one axis, persons, many values."""
    from_noise = mechanism != "closed"
    for prompt, on_miss in itertools.product(PROMPTS, ("nearest", "local")):
        picture = Picture(prompt, privacy={"mechanism": mechanism, "on_miss": on_miss})
        events = check(picture, from_noise)
        assert events[-1][0] in ("done", "stopped")
        assert (mechanism == "local") == ("send" not in kinds(events)) or events[-1][0] == "stopped"


def test_the_run_s_parameters() -> None:
    """Hand-over, sampler, steps in the cloud, guidance, stride: a sample of their product, and each value once."""
    rng = random.Random("parameters")
    product: dict[str, tuple[Any, ...]] = {
        "num_inference_steps": (1, 2, 7, 25),
        "share": (0.0, 0.3, 1.0),
        "handover": ("restart", "carry"),
        "sampler": ("dpmpp_2m", "ddim"),
        "guidance_scale": (0.0, 1.0, 1.00004, 2.5, 30.0, None),
        "device_stride": (1, 2, 3, 4),
        "device_steps": (None, 3, 40),
        "device_sampler": (None, "dpmpp_2m", "ddim"),
        "device_guidance_scale": (None, 1.0, 4.5),
        "negative_prompt": ("", "blurry, lowres", "words " * 9),
        "mechanism": ("closed", "cover", "neutral", "local"),
    }
    seen: set[tuple[str, Any]] = set()
    for _ in range(4 * EXAMPLES):
        chosen = {name: rng.choice(values) for name, values in product.items()}
        seen |= set(chosen.items())
        share, mechanism = chosen.pop("share"), chosen.pop("mechanism")
        chosen["cloud_steps"] = round(share * chosen["num_inference_steps"])
        arguments = {n: v for n, v in chosen.items() if v is not None}
        picture = Picture("an old woman", arguments, {"mechanism": mechanism}, seed=rng.getrandbits(64))
        events = check(picture, from_noise=mechanism != "closed" or not chosen["cloud_steps"])
        assert kinds(events)[-1] == "done", events[-1]
    assert len(seen) == sum(map(len, product.values()))


def test_without_cloud_steps_nothing_is_sent() -> None:
    events = check(Picture(arguments={"cloud_steps": 0}), from_noise=True)
    assert events[0] == ("detected", None)
    assert "send" not in kinds(events)
    whole = check(Picture(arguments={"cloud_steps": 25}))
    assert kinds(whole) == ["detected", "send", "send", "encode", "decode", "done"]


def test_other_bundles() -> None:
    """Another schedule, v-prediction, zero terminal SNR, another guidance, a short text encoder."""
    base = dict(manifest().noise_schedule)
    words = TokenizerSpec(file="tokenizer.json", max_length=24, bos_id=49406, eos_id=49407, pad_id=0)
    for changed in (
        {"noise_schedule": {**base, "prediction_type": "v_prediction", "timestep_spacing": "leading",
                            "steps_offset": 1}},
        {"noise_schedule": {**base, "rescale_betas_zero_snr": True, "timestep_spacing": "trailing",
                            "prediction_type": "v_prediction"}},
        {"noise_schedule": {**base, "beta_schedule": "linear", "num_train_timesteps": 77}},
        {"noise_schedule": {**base, "num_train_timesteps": 12}},
        {"guidance_default": 0.0}, {"guidance_default": 1.0}, {"guidance_default": 31.0}, {"tokenizer": words},
        {"shift_factor": 0.0, "scaling_factor": 1.0},
    ):  # fmt: skip
        for mechanism in ("closed", "neutral", "local"):
            check(Picture(pair=manifest(**changed), privacy={"mechanism": mechanism}), from_noise=True)


def test_what_cannot_be_chosen_is_told_in_the_same_words() -> None:
    """Parameters over a limit, before a word of the prompt is read."""
    arguments: list[dict[str, Any]] = [
        {"num_inference_steps": 0}, {"num_inference_steps": 201}, {"num_inference_steps": -3}, {"cloud_steps": 26},
        {"cloud_steps": -1}, {"num_inference_steps": 4, "cloud_steps": 5}, {"device_stride": 0}, {"device_stride": 5},
        {"device_stride": -2}, {"device_stride": 200}, {"guidance_scale": -0.1}, {"guidance_scale": 30.01},
        {"guidance_scale": 1e9}, {"guidance_scale": math.inf}, {"sampler": "euler"}, {"sampler": ""},
        {"handover": "keep"}, {"plan": "no such"}, {"plan": ""}, {"plan": "a" * 65}, {"negative_prompt": "a" * 2001},
        {"negative_prompt": "a\nb"}, {"negative_prompt": "a\x00b"},
        {"cloud_steps": 0, "sampler": "euler"}, {"cloud_steps": 0, "plan": "?"},
    ]  # fmt: skip
    privacy: list[dict[str, Any]] = [
        {"mechanism": "none"}, {"mechanism": "k-subset"}, {"epsilon": 1.0}, {"cell_size": 0}, {"cell_size": 65},
        {"max_candidates": 0}, {"max_candidates": 65}, {"on_miss": "never"}, {"mechanism": "local", "cell_size": -4},
    ]  # fmt: skip
    for given in arguments:
        event, *more = check(Picture(arguments=given))
        assert not more, given
        assert event[0] == "options", given
    for chosen in privacy:
        (event,) = check(Picture(privacy=chosen))
        assert event[0] == "options", chosen


def test_what_cannot_be_drawn_is_told_in_the_same_words() -> None:
    """Every refusal that reading can end in: class, exit code and message."""
    pictures = [
        Picture(""), Picture("  "), Picture("a\x00b"), Picture("a\u200bb man"), Picture("x" * 9000),
        Picture("a woman, " * 200), Picture("a bride"), Picture("ein alter Mann mit Hut im Haus"),
        Picture("an old wom\u0430n"), Picture("<gender>"), Picture("{s0} and a man"),
        Picture("a man and a woman and an old man and a girl and a boy and a lady and a king and a young nun"),
        Picture("a woman " + "with a cat and a very long tail " * 9),
        Picture(arguments={"negative_prompt": "an old man"}), Picture(arguments={"negative_prompt": "words " * 90}),
        Picture(privacy={"axes": ("no",)}), Picture(privacy={"opt_in": ("no",)}), Picture(privacy={"axes": ()}),
        Picture(privacy={"domains": {"no": ["a"]}}), Picture(privacy={"domains": {"age": ["no"]}}),
        Picture(privacy={"on_implied": "no"}), Picture("a feisty old lady", privacy={"strict": True}),
        Picture("an old man and a young woman", privacy={"mechanism": "closed", "max_candidates": 2}),
        Picture("an old woman", privacy={"mechanism": "cells", "cell_size": 1}),
    ]  # fmt: skip
    told = {check(replace(p, privacy={**p.privacy, **more}), True)[-1][:2]
            for p in pictures for more in ({}, {"mechanism": "local"}, {"second_look": False})}  # fmt: skip
    assert {("stopped", "INPUT"), ("stopped", "PRIVACY"), ("stopped", "IMPLIED")} <= told


DECISIONS: Final = ("slot", "generalise", "allow", "refuse")


@pytest.mark.parametrize("prompt", ["a nun in a church", "a photo of Ahmed", "a nun, a monk and a nun"])
def test_the_person_decides_on_implied_words(prompt: str) -> None:
    for first, other in itertools.product(DECISIONS, repeat=2):
        asked: dict[tuple[str, str], str] = {}

        def decide(axis: str, surface: str) -> str:
            return asked.setdefault((axis, surface), other if asked else first)  # noqa: B023 - used within the turn

        events = check(Picture(prompt, privacy={"on_implied": "ask"}, decide=decide), from_noise=True)
        assert events[0][0] == "asked"
        assert len(events[0][1]) >= 1


def test_how_implied_words_are_dealt_with_without_asking() -> None:
    for choice, prompt in itertools.product(
        ("slot", "generalise", "allow", "refuse"), ("a bride and her groom", *PROMPTS)
    ):
        check(Picture(prompt, privacy={"on_implied": choice}), from_noise=True)


# -- the ledger


def _ledger(folder: Path) -> Path:
    folder.mkdir(mode=0o700)
    (folder / KEY_FILE).write_bytes(KEY)
    (folder / KEY_FILE).chmod(0o600)
    return folder


def test_the_ledger_holds_the_same(tmp_path: Path) -> None:
    """Requests of all mechanisms with a clock that also runs back, and draws until the budget is spent."""
    folder, stored, ends = _ledger(tmp_path / "home"), b"", []
    rng = random.Random("ledger")
    for i in range(EXAMPLES):
        mechanism = rng.choice(("k-subset", "k-subset", "closed", "cover", "cells", "neutral", "local"))
        privacy: dict[str, Any] = {"mechanism": mechanism, "on_miss": rng.choice(("nearest", "local"))}
        if mechanism == "k-subset":
            privacy |= {"epsilon": rng.choice((2.0, 3.0)), "max_candidates": rng.choice((3, 4))}
        prompt = rng.choice(
            ("an old woman", "a young man", "a man and a woman", "a red tree", f"an old man with {i + 2} cats")
        )
        steps = {"num_inference_steps": 3, "cloud_steps": 2}
        picture = Picture(prompt, steps, privacy, ledger=folder, stored=stored, now=NOW + i - (7 if i % 5 == 4 else 0))
        ends.append(check(picture, from_noise=True)[-1])
        stored = picture.stored
        assert read_stored(stored) == read_database(folder) if stored else not Ledger(folder).path.exists()
    assert read_stored(stored)["draws"]
    assert ("stopped", "BUDGET", 2) in [e[:3] for e in ends] or EXAMPLES < 30
    done = [e[2] for e in ends if e[0] == "done"]
    assert {r["spent"] > 0 for r in done if r["mechanism"] == "k-subset"} == {True, False} or EXAMPLES < 30


def test_budgets_of_axes_refuse_and_nothing_is_stored(tmp_path: Path) -> None:
    folder = _ledger(tmp_path / "home")
    ledger = Ledger(folder, lambda: NOW)
    privacy = {"mechanism": "k-subset", "epsilon": 3.0, "max_candidates": 3}
    stored = b""
    for prompt in ("an old woman", "an old woman and a cat", "an old woman in a car", "an old woman in a boat"):
        picture = Picture(prompt, {"num_inference_steps": 2}, privacy, ledger=folder, stored=stored)
        last = check(picture, from_noise=True)[-1]
        unchanged = picture.stored == stored
        stored = picture.stored
        assert unchanged == (last[0] == "stopped")
        assert read_stored(stored) == read_database(folder)
    assert last[1] == "BUDGET"
    assert ledger.account().basic == pytest.approx(9.0, abs=1e-4)


def test_a_draw_that_cannot_be_entered_is_not_sent(tmp_path: Path) -> None:
    """No ledger, a damaged one, one that cannot be stored: k-subset stops; what spends nothing goes on with a note."""
    draws = {"mechanism": "k-subset", "epsilon": 1.0, "max_candidates": 3}
    (end,) = by_core(Picture(privacy=draws))  # Python would make a ledger in the default folder
    assert end[:3] == ("stopped", "LEDGER", 2)
    folder = _ledger(tmp_path / "home")
    Ledger(folder).path.write_bytes(b"no database" * 99)
    for privacy in (draws, {"mechanism": "closed"}, {"mechanism": "neutral"}, {"mechanism": "local"}):
        picture = Picture(privacy=privacy, ledger=folder, stored=b"no ledger" * 99)
        python, core = by_python(picture), by_core(picture)
        assert kinds(core) == kinds(python)
        assert core[:-1] == python[:-1] or not noise_is_equal()
        if privacy is draws:
            assert core[-1][:3] == python[-1][:3] == ("stopped", "LEDGER", 2)
        else:
            notes, theirs = core[-1][2].pop("notes"), python[-1][2].pop("notes")
            assert [n[:30] for n in notes] == [n[:30] for n in theirs]
            assert core[-1][2] == python[-1][2]
    for privacy in (draws, {"mechanism": "closed"}, {"mechanism": "neutral"}):
        fresh = Picture("an old woman", {"num_inference_steps": 2}, privacy, ledger=tmp_path)
        session = session_of(fresh)
        assert session.next() == NAMES.STORE
        session.give_stored(False)
        end = drive(session, fresh, [])[-1]
        if privacy is draws:
            assert end[:3] == ("stopped", "LEDGER", 2)
        else:
            assert end[2]["total"] is None
            note = "this request is not in the ledger: it cannot be stored on this device"
            assert end[2]["notes"].index(note) == len(end[2]["notes"]) - (2 if privacy["mechanism"] == "neutral" else 1)


def test_k_subset_needs_its_coins() -> None:
    picture = Picture(privacy={"mechanism": "k-subset", "epsilon": 1.0}, ledger=Path("any"))
    for count in (0, 1, NAMES.COINS - 1):
        with pytest.raises(CallError) as error:
            Session(options_of(picture), "an old woman", 5, bytes(count))
        assert error.value.status == NAMES.MISUSE


# -- graphs, stopping


def test_graphs_that_give_what_cannot_be_used() -> None:
    """The same refusals; the core finds a spoiled text at once, Python in the step that it spoils."""
    for value, graph in itertools.product((math.nan, math.inf, -math.inf), ("denoise", "decode", "encode_text")):
        for mechanism, stride in (("closed", 1), ("local", 4)):
            picture = Picture(
                arguments={"device_stride": stride}, privacy={"mechanism": mechanism}, spoiled={graph: value}
            )
            python, core = by_python(picture), by_core(picture)
            if graph == "encode_text":
                assert python[-1][:3] == core[-1][:3] == ("stopped", "RUNTIME", 4)
                assert "text encoder" in core[-1][3]
            else:
                assert core[-1] == python[-1]
                assert core[-1][1] == {"denoise": "RUNTIME", "decode": "LATENT"}[graph]
    huge = Picture(spoiled={"denoise": 3e38})
    assert by_core(huge)[-1] == by_python(huge)[-1]


def test_stopping_between_steps() -> None:
    for step in (1, 8, 15):
        events = check(Picture(cancel_at=step))
        assert events[-1] == ("stopped", "CANCELLED", 130, "the run was stopped: it was interrupted")
        assert kinds(events).count("step") == step
