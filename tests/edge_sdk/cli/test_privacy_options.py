"""``--mechanism`` and its company, ``--on-implied``, and ``obclip ledger``, as a person uses them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from edge_sdk.cli.candidates import command as candidates
from edge_sdk.cli.generate import command as generate
from edge_sdk.cli.ledger import command as ledger
from edge_sdk.errors import BudgetError, ImpliedError, InputError, LedgerError, PrivacyError
from edge_sdk.ledger import Ledger
from edge_sdk.ledger.schema import FILE
from edge_sdk.privacy import Privacy, Release, release

from ..conftest import Scripted
from ..http_server import serving

PROMPT = "an old woman pilot with dark skin"
#: The keys that other programs rely on, and the new ones.
KEYS = {
    *("n", "mechanism", "epsilon", "attributes", "template", "members", "request_sha256", "request_bytes"),
    *("epsilon_spent", "epsilon_total", "bits", "bits_by_axis", "guarantee", "axes", "lexicon", "hints", "notes"),
    *("tokens", "tokens_limit", "dry_run", "draw", "model", "guidance", "seed"),
}


def run(command: click.Command, *arguments: str | Path, **more: Any) -> Result:
    return CliRunner().invoke(command, [str(a) for a in arguments], **more)


def told(command: click.Command, *arguments: str | Path) -> dict[str, Any]:
    done = run(command, *arguments, "--json")
    assert done.exit_code == 0, done.output
    value: dict[str, Any] = json.loads(done.stdout)
    return value


@pytest.mark.parametrize(
    ("options", "n", "epsilon", "bits"),
    [
        ([], 30, 0.0, 0.0),
        (["--mechanism", "closed"], 30, 0.0, 0.0),
        (["--mechanism", "cover", "--max-candidates", "7"], 6, 0.0, 0.0),
        (["--mechanism", "cells", "--cell-size", "10"], 10, None, 1.585),
        (["--mechanism", "k-subset", "--epsilon", "0.5"], 8, 0.5, 0.0),
        (["--mechanism", "neutral"], 1, 0.0, 0.0),
        (["--mechanism", "local"], 0, 0.0, 0.0),
    ],
)
def test_every_mechanism_prints_the_same_keys(options: list[str], n: int, epsilon: float | None, bits: float) -> None:
    result = told(candidates, PROMPT, *options)
    assert set(result) == KEYS
    assert (result["n"], len(result["members"])) == (n, n)
    assert result["epsilon"] == (None if epsilon is None else pytest.approx(epsilon, abs=1e-4))
    assert result["bits"] == pytest.approx(bits, abs=1e-3)
    assert result["mechanism"] == (options[1] if options else "closed")


FEW = ["--mechanism", "k-subset", "--epsilon", "1", "--max-candidates", "3"]


def spend(prompt: str, epsilon: float = 1.0) -> Release:
    """A real draw, as ``generate`` makes it before it sends."""
    return release(prompt, Privacy(mechanism="k-subset", epsilon=epsilon, max_candidates=3), ledger=Ledger())


def test_candidates_spend_nothing(own_home: Path) -> None:
    shown = run(candidates, PROMPT, *FEW)
    assert "nothing spent" in shown.stdout
    assert "a draw made for show" in shown.stderr
    example = told(candidates, PROMPT, *FEW)
    assert (example["dry_run"], example["draw"], round(example["epsilon_spent"], 4)) == (True, "example", 1.0)
    assert list(own_home.iterdir()) == []
    real = spend(PROMPT)
    kept = told(candidates, "a boy pilot with light skin", *FEW)
    assert (kept["draw"], kept["epsilon_spent"], tuple(kept["members"])) == ("kept", 0.0, real.members)
    assert told(ledger, "show")["requests"] == {"k-subset": 1}


def test_a_draw_is_the_same_from_run_to_run_and_is_charged_once() -> None:
    spend(PROMPT)
    first, again = (told(candidates, member, *FEW) for member in (PROMPT, "a boy pilot with light skin"))
    assert first["request_sha256"] == again["request_sha256"]
    assert first["epsilon_total"] == again["epsilon_total"] == pytest.approx(1.0, abs=1e-4)
    shown = told(ledger, "show")
    assert shown["accounts"]["total"]["draws"] == 1
    assert shown["accounts"]["age"]["basic"] == pytest.approx(1.0, abs=1e-4)


def test_the_budget_is_set_shown_and_kept() -> None:
    assert told(ledger, "budget")["budget"] == 10.0
    assert told(ledger, "budget", "1.5")["left"] == 1.5
    spend(PROMPT)
    refused = run(candidates, "a woman judge with dark skin", *FEW)
    assert isinstance(refused.exception, BudgetError)
    assert refused.exception.exit_code == 2
    assert run(candidates, PROMPT, *FEW).exit_code == 0  # its draw is kept and costs nothing more
    assert "budget 1.5" in run(ledger, "budget").output
    assert "no budget" in run(ledger, "budget", "none").output
    assert run(candidates, "a woman judge with dark skin", *FEW).exit_code == 0
    assert told(ledger, "budget", "0.5", "--axis", "religion")["axis"] == "religion"
    assert isinstance(run(ledger, "budget", "much").exception, InputError)


def test_the_ledger_is_shown_exported_and_wiped(own_home: Path, tmp_path: Path) -> None:
    assert "budget 10, left 10" in run(ledger, "show").output
    spend(PROMPT, 2.0)
    for word in ("total: epsilon 2", "skin_tone: epsilon 2", "in 1 draws", "k-subset: 1 requests"):
        assert word in run(ledger, "show").output
    out = tmp_path / "ledger.json"
    assert run(ledger, "export", "--out", out).exit_code == 0
    exported = out.read_text()
    assert json.loads(exported) == json.loads(run(ledger, "export").stdout)
    assert json.loads(exported) == json.loads(run(ledger, "export", "--out", "-").stdout)
    assert "pilot" not in exported
    assert isinstance(run(ledger, "export", "--out", out).exception, InputError)
    assert isinstance(run(ledger, "export", "--out", tmp_path / "no" / "x").exception, InputError)
    kept = run(ledger, "wipe", input="n\n")
    assert kept.exit_code != 0
    assert told(ledger, "show")["templates"] == 1
    assert told(ledger, "wipe", "--yes") == {"wiped": str(own_home)}
    assert told(ledger, "show")["templates"] == 0


def test_a_damaged_ledger_is_said(own_home: Path) -> None:
    (own_home / FILE).write_bytes(b"nonsense" * 1000)
    for command in (["show"], ["export"], ["budget"], ["budget", "3"]):
        assert isinstance(run(ledger, *command).exception, LedgerError)
    spent = run(candidates, PROMPT, "--mechanism", "k-subset", "--epsilon", "1")
    assert isinstance(spent.exception, LedgerError)
    assert run(candidates, PROMPT).exit_code == 0
    assert run(ledger, "wipe", "--yes").exit_code == 0
    assert run(ledger, "show").exit_code == 0


def test_implied_words_are_refused_without_a_terminal() -> None:
    for options in ([], ["--on-implied", "ask"], ["--on-implied", "refuse"]):
        refused = run(candidates, "a pilot with a beard", *options)
        assert isinstance(refused.exception, ImpliedError)
        assert "'beard'" in str(refused.exception)
        assert refused.stdout == ""
    allowed = told(candidates, "an old pilot with a beard", "--on-implied", "allow")
    assert {"axis": "gender", "words": "beard"} in allowed["hints"]
    assert "beard" in allowed["template"]
    for choice in ("slot", "generalise"):
        assert "beard" not in told(candidates, "an old pilot with a beard", "--on-implied", choice)["template"]


class _Terminal:
    """A stream that says it is a terminal."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def isatty(self) -> bool:
        return True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@pytest.mark.parametrize("answer", ["slot", "generalise", "allow", "refuse"])
def test_implied_words_are_asked_about_at_a_terminal(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    from edge_sdk.cli import implied

    class Sys:
        @property
        def stdin(self) -> Any:
            return _Terminal(sys.stdin)

        @property
        def stderr(self) -> Any:
            return _Terminal(sys.stderr)

    monkeypatch.setattr(implied, "sys", Sys())
    done = run(candidates, "an old pilot with a beard", input=f"{answer}\n")
    assert "'beard' gives the gender away" in done.stderr
    if answer == "refuse":
        assert isinstance(done.exception, ImpliedError)
    else:
        assert done.exit_code == 0, done.output
        assert ("with a beard" in done.stdout) == (answer == "allow")


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        (["--mechanism", "k-subset"], InputError, "--epsilon"),
        (["--epsilon", "1"], InputError, "k-subset"),
        (["--mechanism", "k-subset", "--epsilon", "99"], InputError, "at most 16"),
        (["--max-candidates", "65"], InputError, "between 1 and 64"),
        (["--cell-size", "0"], InputError, "1 to 64"),
        (["--mechanism", "closed", "--max-candidates", "5"], InputError, "--mechanism cover"),
        (["--negative", "ugly man"], PrivacyError, "negative prompt"),
        (["--axis", "shoes"], InputError, "shoes"),
        (["--opt-in", "shoes"], InputError, "shoes"),
        (["--domain", "shoes=red"], InputError, "shoes"),
        (["--plan", "no plan"], InputError, "plan"),
    ],
)
def test_what_cannot_be_done_is_said(options: list[str], error: type[Exception], says: str) -> None:
    done = run(candidates, PROMPT, *options)
    assert isinstance(done.exception, error)
    assert says in str(done.exception)
    assert done.stdout == ""


def test_unknown_choices_are_usage_errors() -> None:
    for options in (["--mechanism", "magic"], ["--on-implied", "magic"], ["--on-miss", "magic"], ["--domain", "age"]):
        assert run(candidates, PROMPT, *options).exit_code == 2


def test_axes_can_be_chosen() -> None:
    one = told(candidates, PROMPT, "--axis", "gender")
    assert one["axes"] == ["gender"]
    assert "dark skin" in one["template"]
    assert told(candidates, PROMPT, "--opt-in", "profession", "--mechanism", "cover")["axes"] == [
        "gender",
        "age",
        "skin_tone",
        "profession",
    ]


def test_a_picture_with_a_mechanism(random_bundles: Path, honest: Scripted, tmp_path: Path) -> None:
    with serving(honest) as server:
        few = ["--steps", "4", "--cloud-steps", "2", "--cloud", server.url, "--bundle", random_bundles / "edge"]
        out = tmp_path / "a.png"
        cover = ["--mechanism", "cover", "--max-candidates", "3"]
        result = told(generate, PROMPT, "--out", out, *few, *cover)
        said = run(generate, PROMPT, "--out", tmp_path / "b.png", *few, "--mechanism", "cells", "--cell-size", "10")
        local = told(generate, PROMPT, "--out", tmp_path / "c.png", *few, "--mechanism", "local")
    assert {"image", "n", "epsilon", "bytes_up", "bytes_down", "ms", "cloud_steps", "steps", "plan"} <= set(result)
    assert {"mechanism", "template", "axes", "epsilon_spent", "epsilon_total", "bits", "lexicon", "hints"} <= set(
        result
    )
    assert (result["mechanism"], result["n"], result["epsilon"]) == ("cover", 2, 0.0)
    assert out.exists()
    assert "epsilon = none, at most 1.58 bits leak" in said.output
    before, _, after = said.output.partition("left this device")
    assert "cells: epsilon none" in before  # told before the picture, and before anything was sent
    assert after
    assert (local["mechanism"], local["n"], local["bytes_up"]) == ("local", 0, 0)
    assert len(server.bodies()) == 2
    assert told(ledger, "show")["requests"] == {"cover": 1, "cells": 1}
    implied = run(generate, "a pilot with a beard", "--out", tmp_path / "d.png", *few)
    assert isinstance(implied.exception, ImpliedError)
    assert not (tmp_path / "d.png").exists()


@pytest.mark.parametrize("command", [ledger, *ledger.commands.values(), candidates, generate])  # type: ignore[attr-defined]
def test_help_has_an_example(command: click.Command) -> None:
    assert "Example" in run(command, "--help").output
