"""The second edition's task: persons in three styles with things, at varying places, and what learns to draw it.

``python -m models.stickers.recipe train --hours H`` goes on with whatever stage is due (:mod:`.stages`).
"""

__all__: list[str] = []
