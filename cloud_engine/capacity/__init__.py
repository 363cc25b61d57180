"""How many engines a load needs: from measured milliseconds by the formulas of queues with several servers."""

from .load import Kind, Workload, read_measured
from .queueing import Queue
from .sizing import Sizing, size

__all__ = ["Kind", "Queue", "Sizing", "Workload", "read_measured", "size"]
