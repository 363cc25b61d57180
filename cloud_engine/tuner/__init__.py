"""The tuner: step plans under a budget, measured on this machine's model; the front of cost against quality."""
