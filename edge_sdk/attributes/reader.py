"""From a prompt to its document: every pass, once, in order."""

from __future__ import annotations

from .document import Document
from .lexicon import lexicon
from .matching import plain, tokens
from .passes import PASSES
from .scope import Scope


def read(prompt: str, scope: Scope | None = None) -> Document:
    """Find every person and what the prompt gives away about them.

    Args:
        scope: which axes; the default ones if ``None``.
    """
    scope = scope or Scope()
    lex = lexicon(scope.opt_in, "gender" in scope.unspecified)
    text = plain(prompt)
    document = Document(prompt, text, tokens(text), lex, scope)
    for run in PASSES:
        run(document)
    return document
