"""Tokens: kept as hashes, rotating, each with its budget; every refusal its own status and code."""

from __future__ import annotations

import stat
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from cloud_engine.cli.tokens import token as command
from cloud_engine.engine import Engine
from cloud_engine.errors import BudgetSpentError, ConfigError, CostlyError, WrongTokenError
from cloud_engine.service import tokens as module
from cloud_engine.service.budgets import Budgets
from cloud_engine.service.tokens import Token, TokenFile, make_token, read_tokens, write_tokens

from .serving import body, code_of, get, post, running


def bearer(text: str) -> dict[str, str]:
    return {"authorization": f"Bearer {text}"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tokens.json"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LOOK_AGAIN", 0.0)


def test_the_file_holds_hashes_alone_and_is_its_owners(file: Path) -> None:
    text, record = make_token(evaluations=5, days=1)
    write_tokens(file, [record])
    assert len(text) == len("obclip_") + 43  # 256 bits in base64
    assert text not in file.read_text()
    assert text.removeprefix("obclip_") not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_tokens(file) == [record]
    assert TokenFile(file).find(text) == record
    assert [p.name for p in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize("wrong", ["", "obclip_", "x" * 10_000, "é\udcff", "null\x00"])
def test_another_token_is_none(file: Path, wrong: str) -> None:
    write_tokens(file, [make_token()[1]])
    with pytest.raises(WrongTokenError):
        TokenFile(file).find(wrong)


def test_a_token_expires(file: Path) -> None:
    text, record = make_token(days=1)
    write_tokens(file, [record])
    now = time.time()
    clock = [now]
    tokens = TokenFile(file, clock=lambda: clock[0])
    assert tokens.find(text) == record
    clock[0] = now + 86_401
    with pytest.raises(WrongTokenError):
        tokens.find(text)


@pytest.mark.usefixtures("quick")
def test_tokens_come_and_go_without_a_restart_and_a_damaged_file_changes_nothing(file: Path) -> None:
    (one, first), (two, second) = make_token(), make_token()
    faults: list[int] = []
    write_tokens(file, [first])
    tokens = TokenFile(file, lambda: faults.append(1))
    write_tokens(file, [first, second])
    assert tokens.find(one) == first
    assert tokens.find(two) == second
    write_tokens(file, [second])
    with pytest.raises(WrongTokenError):
        tokens.find(one)
    file.write_text("{")
    assert tokens.find(two) == second
    file.unlink()
    assert tokens.find(two) == second
    assert faults == [1, 1]


@pytest.mark.parametrize("text", ["", "[]", '{"tokens":[{"id":"x"}]}', '{"tokens":3}'])
def test_a_file_of_something_else(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(ConfigError, match="token new"):
        read_tokens(file)


def test_the_commands(file: Path) -> None:
    run = CliRunner().invoke
    made = run(command, ["new", "--tokens", str(file), "--evaluations", "50", "--days", "3"])
    assert made.exit_code == 0
    text = made.stdout.strip()
    (record,) = read_tokens(file)
    assert TokenFile(file).find(text) == record
    listed = run(command, ["list", "--tokens", str(file)]).output
    assert record.id in listed
    assert "50 in 60 s" in listed
    assert record.sha256 not in run(command, ["list", "--tokens", str(file), "--json"]).output
    assert isinstance(run(command, ["revoke", "ffffffff", "--tokens", str(file)]).exception, ConfigError)
    assert run(command, ["revoke", record.id, "--tokens", str(file)]).exit_code == 0
    assert read_tokens(file) == []


def test_a_budget_is_spent_refilled_and_given_back() -> None:
    now = [0.0]
    budgets, token = Budgets(lambda: now[0]), Token(id="00000001", sha256="0" * 64, evaluations=100, window=10)
    budgets.spend(token, 60)
    assert budgets.headers(token) == {
        "ratelimit-policy": '"evaluations";q=100;w=10;qu="unet-evaluations"',
        "ratelimit": '"evaluations";r=040;t=06',
    }
    with pytest.raises(BudgetSpentError) as refused:
        budgets.spend(token, 60)
    assert refused.value.retry_after == 2
    now[0] = 2.0
    budgets.spend(token, 60)
    budgets.give_back(token, 60)
    assert budgets.headers(token)["ratelimit"] == '"evaluations";r=060;t=04'
    now[0] = 1000.0
    assert budgets.headers(token)["ratelimit"] == '"evaluations";r=100;t=00'
    with pytest.raises(CostlyError):
        budgets.spend(token, 101)
    assert Budgets().headers(Token(id="00000002", sha256="0" * 64)) == {}


def test_the_headers_have_one_length() -> None:
    now = [0.0]
    budgets, token = Budgets(lambda: now[0]), Token(id="00000001", sha256="0" * 64, evaluations=12_345, window=600)
    lengths = set()
    for cost in (0, 1, 300, 12_000, 44):
        budgets.spend(token, cost)
        lengths.add(tuple(len(v) for v in budgets.headers(token).values()))
    assert len(lengths) == 1


@pytest.mark.usefixtures("quick")
def test_who_is_let_in(engine: Engine, file: Path) -> None:
    (use, a), (metrics, b), (admin, c) = make_token(evaluations=40), make_token("metrics"), make_token("admin")
    write_tokens(file, [a, b, c])
    with running(engine, tokens=file) as server:
        url = server.url
        missing = post(url, body())
        assert code_of(missing) == (401, "no_token")
        assert missing.headers["www-authenticate"] == "Bearer"
        assert code_of(post(url, body(), {"authorization": "Basic eDp5"})) == (401, "no_token")
        wrong = post(url, body(), bearer("obclip_wrong"))
        assert code_of(wrong) == (401, "wrong_token")
        assert "invalid_token" in wrong.headers["www-authenticate"]
        assert code_of(post(url, body(), bearer(metrics))) == (403, "forbidden")
        good = post(url, body(), bearer(use))
        assert good.status_code == 200
        assert good.headers["ratelimit-policy"] == '"evaluations";q=40;w=60;qu="unet-evaluations"'
        spent = post(url, body(), bearer(use))
        assert code_of(spent) == (429, "budget")
        assert 0 < int(spent.headers["retry-after"]) <= 60
        assert code_of(post(url, b"{", bearer(use))) == (422, "bad_request")  # costs nothing
        assert post(url, body(), bearer(admin)).status_code == 200
        assert get(url, "/v1/health").status_code == 200
        assert code_of(get(url, "/metrics")) == (401, "no_token")
        assert code_of(get(url, "/metrics", **bearer(use))) == (403, "forbidden")
        assert get(url, "/metrics", **bearer(metrics)).status_code == 200
        write_tokens(file, [b, c])
        assert code_of(post(url, body(), bearer(use))) == (401, "wrong_token")
