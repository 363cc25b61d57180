"""Graphs to LiteRT (``.tflite``)."""
