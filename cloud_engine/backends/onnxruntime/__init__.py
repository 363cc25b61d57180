"""The bundle's ONNX graphs on ONNX Runtime: the default on a CPU."""
