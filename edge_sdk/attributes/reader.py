"""From a prompt to its document: every pass, once, in order."""

from __future__ import annotations

from .document import Document
from .lexicon import Lexicon, lexicon
from .matching import plain, tokens
from .normalising import compose, without_emoji, without_weights
from .passes import MARKING, PASSES
from .scope import Scope
from .spelling import spell


def read(prompt: str, scope: Scope | None = None) -> Document:
    """Find every person and what the prompt gives away about them.

    Args:
        scope: which axes; the default ones if ``None``.
    """
    scope = scope or Scope()
    lex = lexicon(scope.opt_in, "gender" in scope.unspecified)
    prompt = without_emoji(compose(prompt), lex)
    document = _marked(prompt, lex, scope)
    while (bare := without_weights(document)) is not None:
        document = _marked(" ".join(bare.split()), lex, scope)
    for run in PASSES:
        run(document)
    return document


def _marked(prompt: str, lex: Lexicon, scope: Scope) -> Document:
    text = plain(prompt)
    document = Document(prompt, text, spell(tokens(text), lex), lex, scope)
    for run in MARKING:
        run(document)
    return document
