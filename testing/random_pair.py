"""A tiny random pair in diffusers layout: real classes, real files, weights that mean nothing."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import CLIPTextConfig, CLIPTextModel

BOS, EOS = "<|startoftext|>", "<|endoftext|>"
SCHEDULER = {
    "_class_name": "DPMSolverMultistepScheduler",
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "prediction_type": "v_prediction",
    "timestep_spacing": "trailing",
    "rescale_betas_zero_snr": True,
    "steps_offset": 0,
}


def write_tokenizer(folder: Path) -> int:
    tok = Tokenizer(models.BPE(unk_token=EOS, end_of_word_suffix="</w>", continuing_subword_prefix=""))
    tok.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    tok.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"), "removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tok.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=700,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        end_of_word_suffix="</w>",
        special_tokens=[BOS, EOS],
        show_progress=False,
    )
    tok.train_from_iterator(
        ["a sticker of a woman man firefighter with dark light skin on a blue background"] * 9, trainer
    )
    bos, eos = tok.token_to_id(BOS), tok.token_to_id(EOS)
    tok.add_special_tokens([AddedToken(BOS, normalized=False), AddedToken(EOS, normalized=False)])
    assert bos is not None
    assert eos is not None
    tok.post_processor = processors.RobertaProcessing(
        (EOS, eos), (BOS, bos), trim_offsets=False, add_prefix_space=False
    )
    folder.mkdir(parents=True)
    tok.save(str(folder / "tokenizer.json"))
    config = {"tokenizer_class": "CLIPTokenizer", "model_max_length": 32, "bos_token": BOS, "eos_token": EOS}
    (folder / "tokenizer_config.json").write_text(json.dumps({**config, "unk_token": EOS, "pad_token": EOS}))
    return tok.get_vocab_size()


def _unet(channels: tuple[int, ...], middle: bool) -> UNet2DConditionModel:
    depth = len(channels)
    return UNet2DConditionModel(
        sample_size=16,
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D",) + ("CrossAttnDownBlock2D",) * (depth - 1),
        up_block_types=("CrossAttnUpBlock2D",) * (depth - 1) + ("UpBlock2D",),
        mid_block_type="UNetMidBlock2DCrossAttn" if middle else None,
        block_out_channels=channels,
        layers_per_block=1,
        cross_attention_dim=32,
        attention_head_dim=2,
        norm_num_groups=8,
    )


def write_random_pair(folder: Path, seed: int = 0) -> None:
    """Write ``folder/large`` and ``folder/small``: 64×64 pictures, latents 4×16×16, 32 tokens."""
    torch.manual_seed(seed)
    vocabulary = write_tokenizer(folder / "large" / "tokenizer")
    text = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=vocabulary,
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=2,
            max_position_embeddings=32,
            bos_token_id=0,
            eos_token_id=1,
            pad_token_id=1,
        )
    )
    vae = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        block_out_channels=(8, 8, 16),
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=8,
        sample_size=64,
        scaling_factor=0.9,
        mid_block_add_attention=False,
        use_quant_conv=False,
        use_post_quant_conv=False,
    )
    for name, channels, middle in (("large", (32, 64), True), ("small", (16, 32), False)):
        root = folder / name
        if name == "small":
            _copy(folder / "large" / "tokenizer", root / "tokenizer")
        text.half().save_pretrained(root / "text_encoder")
        vae.half().save_pretrained(root / "vae")
        _unet(channels, middle).half().save_pretrained(root / "unet")
        (root / "scheduler").mkdir()
        (root / "scheduler" / "scheduler_config.json").write_text(json.dumps(SCHEDULER, indent=2))
        (root / "model_index.json").write_text(
            json.dumps(
                {
                    "_class_name": "StableDiffusionPipeline",
                    "scheduler": ["diffusers", "DPMSolverMultistepScheduler"],
                    "text_encoder": ["transformers", "CLIPTextModel"],
                    "tokenizer": ["transformers", "CLIPTokenizer"],
                    "unet": ["diffusers", "UNet2DConditionModel"],
                    "vae": ["diffusers", "AutoencoderKL"],
                },
                indent=2,
            )
        )


def _copy(source: Path, target: Path) -> None:
    target.mkdir(parents=True)
    for file in source.iterdir():
        (target / file.name).write_bytes(file.read_bytes())
