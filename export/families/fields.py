"""Every field of the configs of a Stable Diffusion folder: honoured, without effect on the picture, or refused.

A field that is not in these tables is refused where it is set: a class that does not know it would drop it, and the
picture would be another one without a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..errors import PairError

__all__ = ["FIELDS", "Rule", "check_fields"]


@dataclass(frozen=True)
class Rule:
    """What becomes of a field.

    Args:
        kind: ``honoured``; ``irrelevant``: no value changes the picture; ``refused``: every value but those in
            ``allowed`` is.
        why: where it is honoured, why it does not matter, or what it would ask for.
    """

    kind: str
    why: str
    allowed: tuple[Any, ...] = ()


def _honoured(why: str, names: str) -> dict[str, Rule]:
    return dict.fromkeys(names.split(), Rule("honoured", why))


def _irrelevant(why: str, names: str) -> dict[str, Rule]:
    return dict.fromkeys(names.split(), Rule("irrelevant", why))


def _refused(why: str, allowed: tuple[Any, ...], names: str) -> dict[str, Rule]:
    return dict.fromkeys(names.split(), Rule("refused", why, (None, *allowed)))


_UNET: Final = {
    **_honoured(
        "diffusers' own module is built by it and traced; step graphs follow it or say that they do not",
        "in_channels out_channels center_input_sample flip_sin_to_cos freq_shift down_block_types mid_block_type "
        "up_block_types only_cross_attention block_out_channels layers_per_block downsample_padding "
        "mid_block_scale_factor act_fn norm_num_groups norm_eps cross_attention_dim transformer_layers_per_block "
        "reverse_transformer_layers_per_block attention_head_dim num_attention_heads dual_cross_attention "
        "use_linear_projection addition_embed_type addition_time_embed_dim resnet_time_scale_shift "
        "resnet_skip_time_act resnet_out_scale_factor time_embedding_type time_embedding_dim time_embedding_act_fn "
        "timestep_post_act conv_in_kernel conv_out_kernel projection_class_embeddings_input_dim "
        "mid_block_only_cross_attention cross_attention_norm addition_embed_type_num_heads",
    ),
    **_honoured("the size of the picture", "sample_size"),
    **_irrelevant("dropout is for training", "dropout"),
    **_irrelevant("diffusers' attention (scaled dot product) does not read it either", "upcast_attention"),
    **_refused("class labels", (), "class_embed_type num_class_embeds"),
    **_refused("class labels", (False,), "class_embeddings_concat"),
    **_refused("a projection of the text states", (), "encoder_hid_dim encoder_hid_dim_type"),
    **_refused("a guidance embedding (LCM)", (), "time_cond_proj_dim"),
    **_refused("grounding boxes (GLIGEN)", ("default",), "attention_type"),
}
_VAE: Final = {
    **_honoured(
        "diffusers' own decoder is built by it and traced",
        "down_block_types up_block_types block_out_channels layers_per_block act_fn latent_channels norm_num_groups "
        "use_quant_conv use_post_quant_conv mid_block_add_attention",
    ),
    **_honoured("the bundle names it, and the device divides by it", "scaling_factor"),
    **_refused("pictures of other channels than red, green and blue", (3,), "in_channels out_channels"),
    **_refused("shifted latents, which Stable Diffusion's pipelines do not read", (0,), "shift_factor"),
    **_refused("latents normalised per channel", (), "latents_mean latents_std"),
    **_irrelevant("tiling reads it, the decoder does not", "sample_size"),
    **_irrelevant("decoding is checked in every precision that is written", "force_upcast"),
}
_TEXT: Final = {
    **_honoured(
        "transformers' own module is built by it and traced",
        "vocab_size hidden_size intermediate_size projection_dim num_hidden_layers num_attention_heads "
        "max_position_embeddings hidden_act layer_norm_eps eos_token_id",
    ),
    **_irrelevant("for training", "attention_dropout dropout initializer_factor initializer_range"),
    **_irrelevant("the tokenizer's own ids are what is read", "bos_token_id pad_token_id sep_token_id"),
    **_refused("a mask over the padding", (False,), "use_attention_mask"),
    **_irrelevant(
        "names, and what every transformers config carries",
        "architectures model_type transformers_version torch_dtype dtype output_attentions output_hidden_states "
        "return_dict return_dict_in_generate id2label label2id problem_type chunk_size_feed_forward is_encoder_decoder "
        "is_decoder add_cross_attention cross_attention_hidden_size tie_encoder_decoder tie_word_embeddings "
        "torchscript use_bfloat16 pruned_heads finetuning_task task_specific_params tokenizer_class prefix "
        "decoder_start_token_id forced_bos_token_id forced_eos_token_id suppress_tokens begin_suppress_tokens "
        "min_length max_length do_sample early_stopping num_beams num_beam_groups diversity_penalty temperature top_k "
        "top_p typical_p repetition_penalty length_penalty no_repeat_ngram_size encoder_no_repeat_ngram_size "
        "bad_words_ids num_return_sequences output_scores remove_invalid_values exponential_decay_length_penalty "
        "tf_legacy_loss",
    ),
}
_CHECKED = "transformers' tokenizer is built by it, and the bundle's ids are held against that"
_TOKENIZER: Final = {
    **_honoured(
        _CHECKED,
        "bos_token eos_token pad_token unk_token model_max_length do_lower_case add_prefix_space add_bos_token "
        "add_eos_token added_tokens_decoder additional_special_tokens extra_special_tokens tokenizer_class backend "
        "tokenizer_file unk_id use_fast",
    ),
    **_refused("padding before the text", ("right",), "padding_side"),
    **_irrelevant("nothing is ever cut: a text that is too long is refused", "truncation_side"),
    **_irrelevant(
        "names, and what decoding reads",
        "errors name_or_path special_tokens_map_file clean_up_tokenization_spaces is_local local_files_only "
        "model_input_names processor_class auto_map",
    ),
}
_INDEX: Final = {
    **_honoured("the parts", "scheduler text_encoder text_encoder_2 tokenizer tokenizer_2 unet vae"),
    **_honoured("an empty text of SDXL is zeros", "force_zeros_for_empty_prompt"),
    **_irrelevant(
        "looked at after the picture is made, and not exported",
        "safety_checker feature_extractor requires_safety_checker add_watermarker",
    ),
    **_irrelevant("IP-Adapter's, which a prompt alone does not use", "image_encoder"),
    **_refused("an aesthetic score (SDXL's refiner)", (False,), "requires_aesthetics_score"),
}
#: Part -> field -> rule. The scheduler's are in :mod:`export.families.schedulers`.
FIELDS: Final[Mapping[str, Mapping[str, Rule]]] = {
    "model_index": _INDEX,
    "unet": _UNET,
    "vae": _VAE,
    "text_encoder": _TEXT,
    "tokenizer": _TOKENIZER,
}


def check_fields(part: str, where: Any, config: Mapping[str, Any]) -> None:
    """Refuse a config with a field that would be dropped; names that begin with ``_`` are the libraries' own.

    Raises:
        PairError: names the field.
    """
    for name, value in config.items():
        if name.startswith("_") or value is None:
            continue
        rule = FIELDS[part].get(name)
        if rule is None:
            raise PairError(f"{where}: nothing here reads {name} = {value!r}, so the picture may differ: remove it")
        if rule.kind == "refused" and value not in rule.allowed:
            raise PairError(f"{where}: {name} = {value!r} asks for {rule.why}, which this exporter does not have")
