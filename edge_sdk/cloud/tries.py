"""Which cloud is asked next, when, and what is said when none is left."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ..errors import CloudError, DeadlineError, UnreachableError
from . import retries
from .endpoint import Endpoint

__all__ = ["Tries"]


class Tries:
    """The tries of one call: each address up to three times, the next one at once when one cannot answer."""

    def __init__(self, endpoints: Sequence[Endpoint], until: float) -> None:
        """``until``: the deadline, by ``time.monotonic()``."""
        self._until = until
        self._ready = dict.fromkeys(endpoints, 0.0)
        self._again = dict.fromkeys(endpoints, 0)
        self._faults: dict[Endpoint, CloudError] = {}

    def next(self) -> tuple[Endpoint, float] | None:
        """Whom to ask, and the seconds to wait before; ``None`` if nobody is left, or the wait would be too long."""
        if not self._ready:
            return None
        endpoint = min(self._ready, key=self._ready.__getitem__)
        at = self._ready[endpoint]
        return None if at >= self._until else (endpoint, max(0.0, at - time.monotonic()))

    def give_up(self, endpoint: Endpoint, fault: CloudError) -> None:
        """What is wrong there is not wrong for a moment: this address is not asked again."""
        self._faults[endpoint] = fault
        self._ready.pop(endpoint, None)

    def try_later(self, endpoint: Endpoint, fault: CloudError, told: str = "") -> None:
        """Ask it again after a while; ``told`` is its ``Retry-After``."""
        again = self._again[endpoint]
        if again == len(retries.WAITS):
            self.give_up(endpoint, fault)
            return
        self._faults[endpoint] = fault
        self._again[endpoint] = again + 1
        self._ready[endpoint] = time.monotonic() + retries.wait_before(again, told)

    def stop(self, endpoint: Endpoint, fault: CloudError) -> None:
        """No time is left for anybody."""
        self._faults[endpoint] = fault
        self._ready.clear()

    def error(self) -> CloudError:
        """One error for all addresses; of the one kind that all have, if they have one."""
        faults = list(self._faults.values())
        if len(faults) == 1:
            return faults[0]
        text = "no cloud answered: " + "; ".join(str(f) for f in faults)
        if any(isinstance(f, DeadlineError) for f in faults):
            return DeadlineError(text)
        return UnreachableError(text) if all(isinstance(f, UnreachableError) for f in faults) else CloudError(text)
