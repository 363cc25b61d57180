"""A fleet of engines under many devices, simulated event by event (SimPy), and held against a real engine."""
