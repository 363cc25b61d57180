"""From a prompt to its document: every pass, once, in order."""

from __future__ import annotations

from .document import Document
from .joining import without_joins
from .lexicon import Lexicon
from .loading import lexicon
from .matching import plain, tokens
from .normalising import compose, without_choices, without_emoji, without_models, without_weights
from .parting import without_glue
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
    typed = without_glue(without_emoji(compose(prompt), lex), lex)
    typed, models = without_models(without_choices(typed, lex), lex)
    typed = without_joins(typed, lex)
    document = _marked(typed, typed, lex, scope)
    while (bare := without_weights(document)) is not None:
        document = _marked(typed, bare, lex, scope)
    document.left_out = models
    for run in PASSES:
        run(document)
    return document


def _marked(typed: str, prompt: str, lex: Lexicon, scope: Scope) -> Document:
    text = plain(prompt)
    document = Document(typed, prompt, text, spell(tokens(text), lex), lex, scope)
    for run in MARKING:
        run(document)
    return document
