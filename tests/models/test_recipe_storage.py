"""Files of the recipe: a full disk, a cut checkpoint, and what is kept."""

from __future__ import annotations

import errno
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from models.stickers.recipe import storage
from models.stickers.recipe.errors import BrokenCheckpoint, DiskFull
from models.stickers.recipe.training import Run, Trainer


@contextmanager
def room(size: int) -> Iterator[None]:
    """No file may grow beyond ``size`` bytes: what a full disk does to a write, for real."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def trainer(folder: Path) -> Trainer:
    return Trainer(nn.Linear(300, 300), Run(10, 1, 1e-2, folder, "model", warmup=1))


def step(one: Trainer) -> None:
    one.update(one.model(torch.ones(1, 300)).square().mean())


def test_a_full_disk_keeps_the_checkpoint_before(tmp_path: Path) -> None:
    one = trainer(tmp_path)
    step(one)
    one.save()
    before = (tmp_path / "model.ckpt").read_bytes()
    step(one)
    with room(100_000), pytest.raises(DiskFull, match=r"no room on the disk for .*model\.ckpt"):
        one.save()
    assert (tmp_path / "model.ckpt").read_bytes() == before
    assert not list(tmp_path.glob("*.part"))
    assert trainer(tmp_path).step == 1


def test_a_full_disk_keeps_the_folder_before(tmp_path: Path) -> None:
    storage.write_folder(tmp_path / "vae", lambda folder: (folder / "a").write_text("before"))

    def save(folder: Path) -> None:
        (folder / "a").write_text("after")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(DiskFull, match="what was there before is kept"):
        storage.write_folder(tmp_path / "vae", save)
    assert [f.read_text() for f in tmp_path.rglob("a")] == ["before"]


def test_a_full_disk_keeps_the_array_before(tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    storage.write_array(path, np.arange(4))
    with room(50_000), pytest.raises(DiskFull):
        storage.write_array(path, np.zeros(100_000))
    assert storage.read_array(path).tolist() == [0, 1, 2, 3]


def test_other_errors_are_not_called_a_full_disk(tmp_path: Path) -> None:
    def save(_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    with pytest.raises(PermissionError):
        storage.write(tmp_path / "x", save)
    assert not list(tmp_path.iterdir())


def test_a_cut_checkpoint_names_the_one_before(tmp_path: Path) -> None:
    one = trainer(tmp_path)
    for _ in range(2):
        step(one)
        one.save()
    path = tmp_path / "model.ckpt"
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(BrokenCheckpoint, match=r"model\.ckpt is cut short or damaged; put model\.ckpt\.previous"):
        trainer(tmp_path)
    storage.previous(path).rename(path)
    assert trainer(tmp_path).step == 1


@pytest.mark.parametrize("left", [0, 4, 1000, 5000, 100_000])
def test_a_cut_checkpoint_without_one_before_says_so(tmp_path: Path, left: int) -> None:
    one = trainer(tmp_path)
    one.save()
    path = tmp_path / "model.ckpt"
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(BrokenCheckpoint, match="delete it: the stage starts again"):
        trainer(tmp_path)


@pytest.mark.parametrize("left", [0, 40, 200])
def test_a_cut_array_is_refused(tmp_path: Path, left: int) -> None:
    path = tmp_path / "x.npy"
    storage.write_array(path, np.arange(100))
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(BrokenCheckpoint, match="cut short or damaged"):
        storage.read_array(path)
