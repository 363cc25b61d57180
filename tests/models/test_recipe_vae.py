"""An autoencoder that keeps another one's latents: what is copied, what is fixed, what it is held to."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderKL

from models.stickers.recipe.vae import KeptLatents, new_vae


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> KeptLatents:
    """The latents of an autoencoder of half the size."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("vae64")
    half = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        block_out_channels=(32, 64, 96),
        latent_channels=4,
        norm_num_groups=8,
        sample_size=64,
        scaling_factor=0.5,
        mid_block_add_attention=False,
        use_quant_conv=False,
        use_post_quant_conv=False,
    )
    half.save_pretrained(folder)
    return KeptLatents(Path(folder), torch.device("cpu"))


def test_latents_are_those_of_the_shrunk_picture(kept: KeptLatents) -> None:
    small = torch.rand(2, 3, 64, 64) * 2 - 1
    large = small.repeat_interleave(2, 2).repeat_interleave(2, 3)
    assert kept.scaling_factor == 0.5
    torch.testing.assert_close(kept(large), kept.vae.encode(small).latent_dist.mode(), atol=1e-5, rtol=1e-5)


def test_blocks_are_copied_from_the_latents_outwards(kept: KeptLatents) -> None:
    model = new_vae()
    kept.start(model)
    own, old = model.state_dict(), kept.vae.state_dict()
    for here, there in (
        ("decoder.up_blocks.0.resnets.0.conv1.weight", "decoder.up_blocks.0.resnets.0.conv1.weight"),
        ("encoder.down_blocks.3.resnets.0.conv2.weight", "encoder.down_blocks.2.resnets.0.conv2.weight"),
        ("encoder.mid_block.resnets.0.conv1.weight", "encoder.mid_block.resnets.0.conv1.weight"),
    ):
        assert torch.equal(own[here], old[there])
    assert model.decode(kept(torch.zeros(1, 3, 128, 128))).sample.shape == (1, 3, 128, 128)


def test_only_the_new_stage_of_the_decoder_is_trained(kept: KeptLatents) -> None:
    model = new_vae()
    kept.start(model)
    trained = {n for n, p in model.decoder.named_parameters() if p.requires_grad}
    assert {"conv_out.weight", "up_blocks.3.resnets.0.conv1.weight", "up_blocks.2.upsamplers.0.conv.weight"} <= trained
    assert not any(n.startswith(("up_blocks.0", "up_blocks.1", "mid_block", "conv_in")) for n in trained)
    assert all(p.requires_grad for p in model.encoder.parameters())
