"""What a person describes is left nowhere: no address, no storage, no console, nothing on the browser's disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from .conftest import Opens
from .net import asked
from .phone import Phone
from .relay import Relay

#: Letters that nothing else holds.
MARK: Final = "quokkaxylo"
PROMPT: Final = f"an old woman pilot with a {MARK}"
#: Everything that a page can look into.
LOOK: Final = (Path(__file__).parents[1] / "pages/look.js").read_text()


def use(phone: Phone) -> None:
    """Draw with k-subset, which keeps a ledger, decide on a finding, cancel, and be refused."""
    phone("click", at="#open-settings")
    phone("click", at="input[name=mechanism][value=k-subset]")
    phone("click", at="#settings-done")
    phone.write(PROMPT)
    phone.draw()
    assert phone.receipt()["mechanism"] == "k-subset"
    phone("look", at="document.querySelector('#cloud').open = true")
    phone("click", at="#as-bytes")
    phone("click", at="#save")
    phone.write(f"a bearded chef with a {MARK}")
    phone("click", at="#draw")
    phone.says("#findings", "“bearded”")
    phone("click", at="#findings-stop")
    phone.says("#trouble", "Nothing was sent")
    phone.write(PROMPT)


def holding(folder: Path, word: str) -> list[str]:
    """Files below a folder with a word in it, as bytes of one or of two a letter."""
    kinds = (word.encode(), word.encode("utf-16-le"))
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return [str(path.relative_to(folder)) for path in files if any(kind in path.read_bytes() for kind in kinds)]


def test_the_prompt_is_left_nowhere(opens: Opens, host: Relay, cloud: Relay) -> None:
    with opens() as phone:
        use(phone)
        found = phone("look", at=LOOK.replace("MARK", MARK))
        assert any(name.startswith("database obclip") for name in found)
        assert any(name.startswith("cache ") for name in found)
        assert MARK not in json.dumps(found)
        phone("reload")
        phone.ready()
        assert phone("look", at="document.querySelector('#prompt').value") == ""
        told = phone("told")
        assert told["console"] == []
        assert not [url for url in told["requests"] if MARK in url]
        assert all(MARK not in seen.head.decode() for seen in (*host.seen, *cloud.seen))
        # The request's content is the place where the words that are no attributes belong, so the mark did get in.
        assert any(MARK.encode() in seen.body for seen in cloud.seen)
        assert not any(MARK.encode() in seen.body for seen in host.seen)
    assert MARK not in asked(phone.net_log).text
    # What has to be there shows that the search finds something: the settings that were kept, and the host's address.
    assert holding(phone.profile, "k-subset")
    assert holding(phone.profile, host.url)
    assert holding(phone.profile, MARK) == []
