"""The bundle's graphs as TensorRT engines: NVIDIA GPUs."""
