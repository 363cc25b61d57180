"""The tokenizer (CLIP-style BPE) and the text encoder (``CLIPTextModel``).

The encoder learns to say from a caption alone which role, gender, age, tone, hair and background it
asks for; after that its states are fixed and the UNets learn to read them.
"""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import numpy as np
import torch
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from torch import nn
from torch.nn import functional as F
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from . import glyphs
from .captions import caption
from .glyphs import BACKGROUNDS, Glyph
from .training import Run, Trainer, pick_device, progress

MAX_TOKENS = 32
VOCABULARY = 1536
BOS, EOS = "<|startoftext|>", "<|endoftext|>"
#: CLIP's own pre-tokenisation.
_SPLIT = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
#: Common English that prompts hold beside the grammar's own words, so that it costs few tokens.
_ENGLISH = (
    "the and of with his her their he she they in at near under old young beautiful photo realistic city park "
    "street house standing sitting holding wearing red green blue shirt hat dress glasses hair long short eyes"
)


def train_tokenizer(folder: Path, out: Path) -> int:
    """Train the BPE on the grammar's captions; writes a folder ``CLIPTokenizer`` loads. Returns its size."""
    _, labels = glyphs.load(folder)
    rng = random.Random(0)
    corpus = [caption(g, rng.choice(list(BACKGROUNDS)), rng) for g in labels for _ in range(40)]
    return write_tokenizer(corpus, out)


def write_tokenizer(captions: list[str], out: Path, vocabulary: int = VOCABULARY, tokens: int = MAX_TOKENS) -> int:
    """Train a BPE of about ``vocabulary`` entries for prompts of ``tokens``; writes ``out``, returns its size."""
    corpus = captions + [_ENGLISH] * 200
    tok = Tokenizer(models.BPE(unk_token=EOS, end_of_word_suffix="</w>", continuing_subword_prefix=""))
    tok.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    tok.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(_SPLIT), "removed", invert=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tok.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary - 2,
        initial_alphabet=alphabet,
        end_of_word_suffix="</w>",
        special_tokens=[],
        show_progress=False,
    )
    tok.train_from_iterator(corpus, trainer)
    state = json.loads(tok.to_str())["model"]
    vocab: dict[str, int] = dict(state["vocab"])
    # CLIP needs every byte with and without "</w>", so that any word can be spelled.
    for ch in alphabet:
        for token in (ch, ch + "</w>"):
            vocab.setdefault(token, len(vocab))
    for token in (BOS, EOS):
        vocab[token] = len(vocab)
    merges = [tuple(m) for m in state["merges"]]
    out.mkdir(parents=True, exist_ok=True)
    final = Tokenizer(
        models.BPE(vocab=vocab, merges=merges, unk_token=EOS, end_of_word_suffix="</w>", continuing_subword_prefix="")
    )
    final.normalizer, final.pre_tokenizer, final.decoder = tok.normalizer, tok.pre_tokenizer, tok.decoder
    final.add_special_tokens([AddedToken(BOS, normalized=False), AddedToken(EOS, normalized=False)])
    final.post_processor = processors.RobertaProcessing(
        (EOS, vocab[EOS]), (BOS, vocab[BOS]), trim_offsets=False, add_prefix_space=False
    )
    final.save(str(out / "tokenizer.json"))
    (out / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False))
    (out / "merges.txt").write_text("#version: 0.2\n" + "\n".join(" ".join(m) for m in merges) + "\n")
    config = {
        "tokenizer_class": "CLIPTokenizer",
        "model_max_length": tokens,
        "bos_token": BOS,
        "eos_token": EOS,
        "unk_token": EOS,
        "pad_token": EOS,
        "add_prefix_space": False,
        "do_lower_case": True,
        "errors": "replace",
    }
    (out / "tokenizer_config.json").write_text(json.dumps(config, indent=2))
    special = {"bos_token": BOS, "eos_token": EOS, "unk_token": EOS, "pad_token": EOS}
    (out / "special_tokens_map.json").write_text(json.dumps(special, indent=2))
    # The class users load must read the same ids out of this folder.
    loaded = CLIPTokenizer.from_pretrained(out)
    for text in corpus[:: len(corpus) // 200]:
        if loaded(text)["input_ids"] != final.encode(text).ids:
            raise SystemExit(f"tokenizer: CLIPTokenizer reads {text!r} differently")
    return len(vocab)


class Captions:
    """Token ids for captions: int64 ``[B, tokens]``, padded with the end token."""

    def __init__(self, tokenizer_folder: Path, tokens: int = MAX_TOKENS) -> None:
        self.tokenizer = Tokenizer.from_file(str(tokenizer_folder / "tokenizer.json"))
        bos, eos = self.tokenizer.token_to_id(BOS), self.tokenizer.token_to_id(EOS)
        if bos is None or eos is None:
            raise SystemExit(f"{tokenizer_folder} is not a CLIP tokenizer")
        self.bos, self.eos = int(bos), int(eos)
        self.tokenizer.enable_padding(pad_id=self.eos, pad_token=EOS, length=tokens)
        self.tokenizer.enable_truncation(tokens)

    def __call__(self, texts: list[str]) -> torch.Tensor:
        return torch.tensor([e.ids for e in self.tokenizer.encode_batch(texts)])


def new_text_encoder(vocabulary: int, bos: int, eos: int, tokens: int = MAX_TOKENS) -> CLIPTextModel:
    """An untrained ``CLIPTextModel`` of the pair's shape (width 192, three layers)."""
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=vocabulary,
            hidden_size=192,
            intermediate_size=768,
            num_hidden_layers=3,
            num_attention_heads=4,
            max_position_embeddings=tokens,
            projection_dim=192,
            hidden_act="quick_gelu",
            bos_token_id=bos,
            eos_token_id=eos,
            pad_token_id=eos,
            attention_dropout=0.0,
        )
    )


def label_axes(labels: list[Glyph]) -> dict[str, list[str]]:
    """The values that occur, per label axis, in a fixed order."""
    axes = {a: sorted({getattr(g, a) for g in labels}) for a in ("role", "gender", "age", "tone", "hair")}
    axes["background"] = list(BACKGROUNDS)
    return axes


def sample_captions(labels: list[Glyph], index: np.ndarray, backgrounds: list[str], rng: random.Random) -> list[str]:
    """One caption per drawn glyph and background."""
    return [caption(labels[i], b, rng) for i, b in zip(index, backgrounds, strict=True)]


def train_text_encoder(
    folder: Path, tokenizer_folder: Path, steps: int = 2500, batch: int = 96, learning_rate: float = 1e-3
) -> dict[str, float]:
    """Train on captions of the glyphs that are not held out; returns accuracy per axis on held-out ones."""
    torch.manual_seed(0)
    device = pick_device()
    _, labels = glyphs.load(folder)
    seen = np.array([i for i, g in enumerate(labels) if not g.held_out])
    axes = label_axes(labels)
    ids = Captions(tokenizer_folder)
    encoder = new_text_encoder(ids.tokenizer.get_vocab_size(), ids.bos, ids.eos)
    heads = nn.ModuleDict({a: nn.Linear(192, len(v)) for a, v in axes.items()})
    both = nn.ModuleDict({"encoder": encoder, "heads": heads}).to(device)
    trainer = Trainer(both, Run(steps, batch, learning_rate, folder, "text", weight_decay=0.02, ema=0.995))

    def logits(texts: list[str]) -> dict[str, torch.Tensor]:
        tokens = ids(texts).to(device)
        states = encoder(input_ids=tokens).last_hidden_state
        first_eos = (tokens == ids.eos).int().argmax(1)
        pooled = states[torch.arange(len(texts), device=device), first_eos]
        return {a: head(pooled) for a, head in heads.items()}

    def targets(index: np.ndarray, backgrounds: list[str]) -> dict[str, torch.Tensor]:
        out = {
            a: torch.tensor([v.index(getattr(labels[i], a)) for i in index], device=device)
            for a, v in axes.items()
            if a != "background"
        }
        out["background"] = torch.tensor([axes["background"].index(b) for b in backgrounds], device=device)
        return out

    with progress("text encoder", steps, trainer.step) as tick:
        while trainer.step < steps:
            rng = random.Random(trainer.step)
            index = np.array(rng.choices(seen.tolist(), k=batch))
            grounds = rng.choices(axes["background"], k=batch)
            out, want = logits(sample_captions(labels, index, grounds, rng)), targets(index, grounds)
            loss = torch.stack([F.cross_entropy(out[a], want[a]) for a in axes]).sum()
            value = trainer.update(loss)
            if not math.isfinite(value):
                raise SystemExit(f"text encoder: loss is {value} at step {trainer.step}")
            tick(f"loss {value:.3f}")
    trainer.save()
    trainer.average()
    held = np.array([i for i, g in enumerate(labels) if g.held_out])
    rng = random.Random(-1)
    index = np.repeat(held, 8)
    grounds = rng.choices(axes["background"], k=len(index))
    with torch.no_grad():
        out, want = logits(sample_captions(labels, index, grounds, rng)), targets(index, grounds)
    encoder.save_pretrained(folder / "text_encoder")
    return {a: float((out[a].argmax(1) == want[a]).float().mean()) for a in axes}
