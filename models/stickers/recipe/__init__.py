"""Recipe of the default pair: glyphs, captions, tokenizer, autoencoder, text encoder, UNets, judge, scorer.

Run ``python -m models.stickers.recipe --help``; every stage is one command, seeded, resumable and
shows progress.
"""

__all__: list[str] = []
