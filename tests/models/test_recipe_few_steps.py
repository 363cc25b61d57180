"""The eight-step adapter: what it is taught, that it merges, and that the one in the repository does what it is for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

pytest.importorskip("peft")

from diffusers import UNet2DConditionModel

from models.stickers.recipe import few_steps
from models.stickers.recipe.errors import RecipeError
from obclip_contract import apply_step

STICKERS = Path(__file__).resolve().parents[2] / "models" / "stickers"


def test_the_teacher_starts_where_the_student_stands_and_needs_no_history() -> None:
    for row, phase in zip(few_steps.rows(), few_steps.teacher_rows(), strict=True):
        assert phase[0].timestep == row.timestep
        assert phase[0].next_from_previous == 0.0
        assert len(phase) == few_steps.SUBSTEPS
    following = [phase[0].timestep for phase in few_steps.teacher_rows()][1:]
    last = [phase[-1].timestep for phase in few_steps.teacher_rows()][:-1]
    assert all(a > b for a, b in zip(last, following, strict=True))


def test_the_wanted_output_leads_where_the_teacher_came_to() -> None:
    generator = torch.Generator().manual_seed(1)
    x, goal = torch.randn(2, 3, 4, 8, 8, generator=generator)
    for row in few_steps.rows():
        got, _ = apply_step(row, x, few_steps.wanted_output(row, x, goal))
        assert float((got - goal).abs().max()) < 1e-3


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Two steps on two runs: enough to have an adapter that is not nothing."""
    folder = tmp_path_factory.mktemp("few")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(few_steps, "SHARD", 2)
        told = few_steps.train_few_steps(folder, STICKERS / "large", STICKERS / "glyphs.json", 2, 8, 1e-2)
    return folder / "few_steps", told


def test_training_writes_an_adapter_that_merges(trained: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    adapter, told = trained
    assert 10 < told["psnr_db"] < 80
    size = (adapter / few_steps.ADAPTER).stat().st_size
    assert size < 4_000_000
    few_steps.write_merged(STICKERS / "large", adapter, tmp_path / "large")
    merged = UNet2DConditionModel.from_pretrained(tmp_path / "large" / "unet", torch_dtype=torch.float32)
    before = UNet2DConditionModel.from_pretrained(STICKERS / "large" / "unet", torch_dtype=torch.float32)
    assert merged.state_dict().keys() == before.state_dict().keys()
    kept = UNet2DConditionModel.from_pretrained(STICKERS / "large" / "unet", torch_dtype=torch.float32)
    kept.load_lora_adapter(adapter, prefix=None, weight_name=few_steps.ADAPTER)
    x, t, states = torch.randn(2, 4, 16, 16), torch.tensor([999.0, 374.0]), torch.randn(2, 32, 192)
    with torch.no_grad():
        own, by_adapter, plain = (unet(x, t, states).sample for unet in (merged, kept, before))
    assert float((own - by_adapter).abs().max()) < 0.02  # fp16 weights
    assert float((own - plain).abs().max()) > 0.05


def test_a_missing_or_foreign_adapter_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="few-steps"):
        few_steps.write_merged(STICKERS / "large", tmp_path, tmp_path / "out")
    (tmp_path / few_steps.ADAPTER).write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    with pytest.raises(RecipeError, match=r"another UNet"):
        few_steps.write_merged(STICKERS / "large", tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_adapter_in_the_repository_draws_in_eight_steps_without_guidance() -> None:
    device = torch.device("cpu")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(few_steps, "SHARD", 4)
        prompts = few_steps.Prompts(STICKERS / "large", STICKERS / "glyphs.json", device)
        teacher = UNet2DConditionModel.from_pretrained(STICKERS / "large" / "unet", torch_dtype=torch.float32).eval()
        taught = few_steps.merged(STICKERS / "large", STICKERS / "few_steps").float().eval()
        untaught_db, taught_db = (few_steps.compare(unet, teacher, prompts) for unet in (teacher, taught))
    assert taught_db > untaught_db + 3
