"""Graphs to ONNX, for the cloud's backends."""
