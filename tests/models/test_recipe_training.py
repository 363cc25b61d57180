"""What every stage of training shares: a step must reach the whole model, and a few steps must lower its loss."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from diffusers import UNet2DConditionModel
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from torch import nn

from models.stickers.recipe.errors import RecipeError
from models.stickers.recipe.scenes import autoencoder
from models.stickers.recipe.training import Run, Trainer, compiled, dead
from models.stickers.recipe.unets import new_large, new_small, start_from, taught_loss


class Cut(nn.Module):
    """Right outputs, and no gradient for the first half: what a wrong compiler makes of a model."""

    def __init__(self) -> None:
        super().__init__()
        self.below, self.above = nn.Conv2d(3, 8, 3), nn.Conv2d(8, 3, 3)

    def forward(self, x: torch.Tensor, cut: bool) -> torch.Tensor:
        low = self.below(x)
        return self.above(low.detach() if cut else low)


@pytest.mark.parametrize("zero", [False, True], ids=["missing", "zero"])
def test_a_step_that_does_not_reach_half_of_the_model_is_refused(tmp_path: Path, zero: bool) -> None:
    model = Cut()
    trainer = Trainer(model, Run(10, 1, 1e-3, tmp_path, "cut"))
    before = {n: p.detach().clone() for n, p in model.named_parameters()}
    loss = model(torch.randn(2, 3, 8, 8), True).square().mean()
    if zero:  # as the compiler left it: tensors of zeros
        loss = loss + sum(0.0 * p.sum() for p in model.below.parameters())
    with pytest.raises(RecipeError, match=r"cut: no gradient came to 2 of 4 tensors \(below\.weight"):
        trainer.update(loss)
    assert all(torch.equal(before[n], p) for n, p in model.named_parameters())
    assert not list(tmp_path.iterdir())


def test_a_whole_step_is_taken_and_frozen_tensors_are_not_asked_for(tmp_path: Path) -> None:
    model = Cut()
    model.below.requires_grad_(False)
    trainer = Trainer(model, Run(10, 1, 1e-3, tmp_path, "whole"))
    trainer.update(model(torch.randn(2, 3, 8, 8), True).square().mean())
    assert trainer.step == 1


def _autoencoder_step(model: nn.Module, forward: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
    x = torch.rand(2, 3, 128, 128, generator=torch.Generator().manual_seed(0)) * 2 - 1
    return autoencoder.picture_loss(forward(x), x, autoencoder.border_weights(128))


def test_what_training_runs_of_the_autoencoder_reaches_every_tensor() -> None:
    """Through :func:`compiled`, as the stage runs it, and by the picture alone: without the latents' own loss."""
    model = autoencoder.new_autoencoder()
    device = torch.device("cpu")
    encode, decode = compiled(model.encoder, device), compiled(model.decoder, device)
    _autoencoder_step(model, lambda x: decode(DiagonalGaussianDistribution(encode(x)).mode())).backward()
    assert dead(model) == []


def test_what_training_runs_of_the_small_unet_reaches_every_tensor() -> None:
    model: UNet2DConditionModel = new_small().to(memory_format=torch.channels_last)
    states = torch.randn(2, 32, 192)
    loss = taught_loss(
        compiled(model, torch.device("cpu")),
        new_small(),
        torch.randn(2, 4, 16, 16),
        torch.tensor([100, 500]),
        states,
        torch.randn(1, 32, 192),
        torch.ones(2, 1, 16, 16),
    )
    loss.backward()
    assert dead(model) == []


def test_a_few_steps_lower_the_autoencoders_loss(tmp_path: Path) -> None:
    """It rose from the first step on: at every learning rate, because the encoder heard only of its latents."""
    torch.manual_seed(0)
    model = autoencoder.new_autoencoder()
    trainer = Trainer(model, Run(12, 2, 2e-3, tmp_path, "vae", warmup=1))
    device = torch.device("cpu")
    encode, decode = compiled(model.encoder, device), compiled(model.decoder, device)
    losses = []
    for _ in range(12):
        loss = _autoencoder_step(model, lambda x: decode(DiagonalGaussianDistribution(encode(x)).sample()))
        losses.append(trainer.update(loss))
    assert losses[-1] < 0.9 * losses[0], losses


def test_nothing_of_the_small_unet_starts_at_random(tmp_path: Path) -> None:
    """The first block on the way up reads fewer channels than the large one's: it was left as it was made."""
    large = new_large()
    large.save_pretrained(tmp_path)
    one, other = (start_from(new_small(), tmp_path).state_dict() for _ in range(2))
    assert [name for name in one if not torch.equal(one[name], other[name])] == []
    wide = large.state_dict()["up_blocks.1.resnets.0.conv1.weight"]
    assert torch.equal(one["up_blocks.0.resnets.0.conv1.weight"], wide[:, wide.shape[1] - 256 :])
