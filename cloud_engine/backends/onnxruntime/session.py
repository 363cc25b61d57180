"""One ONNX graph of a bundle on ONNX Runtime's CPU provider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import onnxruntime

from obclip_contract import Bundle, GraphSpec

from ...errors import GraphError
from ..protocol import Float32Array

__all__ = ["FORMAT", "Session"]

#: The format of these graphs in a manifest.
FORMAT: Final = "onnx"
#: Errors only: ONNX Runtime's warnings name initialisers of the graph and help no operator.
_LOG_SEVERITY: Final = 3
#: Each session has threads of its own, which go on spinning for work after a call: with several sessions in turn they
#: take the cores from the one that runs (a plan's step graphs took nearly twice their time on two cores).
_STOP_SPINNING: Final = ("session.force_spinning_stop", "1")


class Session:
    """A loaded graph, held once against the names that its manifest states.

    ``inputs`` maps each input to ONNX Runtime's name of its type (``tensor(float)``); ``outputs`` are in the graph's
    order.

    Raises:
        GraphError: the graph cannot be loaded, or has other inputs or outputs than the manifest states.
    """

    def __init__(self, bundle: Bundle, graph: GraphSpec, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = _LOG_SEVERITY
        options.add_session_config_entry(*_STOP_SPINNING)
        try:
            self._session = onnxruntime.InferenceSession(
                str(bundle.path(graph)), sess_options=options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's exceptions share no root
            raise GraphError(f"{graph.file} cannot be loaded by ONNX Runtime: {error}") from error
        self.inputs = {node.name: node.type for node in self._session.get_inputs()}
        self.outputs = [node.name for node in self._session.get_outputs()]
        stated = {t.name for t in graph.inputs}, {t.name for t in graph.outputs}
        if stated != (set(self.inputs), set(self.outputs)):
            raise GraphError(f"{graph.file} has other inputs or outputs than its manifest: export the bundle again")

    def run(self, outputs: Sequence[str], feeds: Mapping[str, Any]) -> list[Float32Array]:
        """The named outputs, in that order."""
        result: list[Float32Array] = self._session.run(list(outputs), dict(feeds))
        return result
