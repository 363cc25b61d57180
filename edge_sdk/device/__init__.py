"""What the device does with the response: take its own latent, finish it, decode it."""
