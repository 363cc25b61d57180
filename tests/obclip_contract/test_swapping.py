"""A new folder takes an old one's place, or the old one stays."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from obclip_contract.swapping import copy_bundle, swap_all_in, swap_in


def _folder(path: Path, text: str) -> Path:
    (path / "plans").mkdir(parents=True)
    (path / "bundle.json").write_text(text)
    (path / "plans" / "a.json").write_text(text)
    return path


@pytest.mark.parametrize("before", [True, False])
def test_the_new_folder_is_there_and_nothing_else(tmp_path: Path, before: bool) -> None:
    out, part = tmp_path / "cloud", _folder(tmp_path / ".part", "new")
    if before:
        _folder(out, "old")
    swap_in(part, out)
    assert (out / "bundle.json").read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["cloud"]


@pytest.mark.parametrize("failing", [1, 2])
def test_a_rename_that_fails_leaves_the_old_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    out, part = _folder(tmp_path / "cloud", "old"), _folder(tmp_path / ".part", "new")
    real, calls = os.replace, []

    def replace(source: Path, target: Path) -> None:
        calls.append(source)
        if len(calls) == failing:
            raise OSError(28, "No space left on device")
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(OSError, match="No space"):
        swap_in(part, out)
    assert (out / "bundle.json").read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == [".part", "cloud"]


def test_a_way_back_that_fails_too_keeps_the_old_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, part = _folder(tmp_path / "cloud", "old"), _folder(tmp_path / ".part", "new")
    real, calls = os.replace, []

    def replace(source: Path, target: Path) -> None:
        calls.append(source)
        if len(calls) > 1:
            raise OSError(30, "Read-only file system")
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(OSError, match="Read-only"):
        swap_in(part, out)
    (kept,) = tmp_path.glob(".cloud-old-*/old/bundle.json")
    assert kept.read_text() == "old"


@pytest.mark.parametrize("links", [True, False])
def test_a_copy_has_every_file_but_the_manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool) -> None:
    def refuse(*_: Path) -> None:
        raise OSError(95, "Operation not supported")

    if not links:
        monkeypatch.setattr(os, "link", refuse)
    root, part = _folder(tmp_path / "cloud", "old"), tmp_path / "part"
    part.mkdir()
    copy_bundle(root, part)
    assert [p.relative_to(part).as_posix() for p in part.rglob("*")] == ["plans", "plans/a.json"]
    assert (part / "plans" / "a.json").read_text() == "old"


@pytest.mark.parametrize("behind", [False, True], ids=["before", "behind"])
@pytest.mark.parametrize("stopping", [1, 2, 3, 4])
def test_an_interrupt_at_any_rename_leaves_every_old_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stopping: int, behind: bool
) -> None:
    outs = [_folder(tmp_path / name, "old") for name in ("cloud", "edge")]
    parts = [_folder(tmp_path / f".{out.name}-part", "new") for out in outs]
    real, calls = os.replace, []

    def replace(source: Path, target: Path) -> None:
        calls.append(source)
        if len(calls) == stopping and not behind:
            raise KeyboardInterrupt
        real(source, target)
        if len(calls) == stopping:
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(KeyboardInterrupt):
        swap_all_in(list(zip(parts, outs, strict=True)))
    assert [(out / "bundle.json").read_text() for out in outs] == ["old", "old"]
    assert sorted(p.name for p in tmp_path.iterdir()) == [".cloud-part", ".edge-part", "cloud", "edge"]


def test_several_folders_take_their_places_together(tmp_path: Path) -> None:
    _folder(tmp_path / "cloud", "old")
    parts = [_folder(tmp_path / f".{name}", "new") for name in ("cloud", "edge")]
    swap_all_in([(part, tmp_path / part.name[1:]) for part in parts])
    assert [(tmp_path / name / "bundle.json").read_text() for name in ("cloud", "edge")] == ["new", "new"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cloud", "edge"]
