"""Graphs to CoreML (``.mlpackage``), and their reference on any machine."""
