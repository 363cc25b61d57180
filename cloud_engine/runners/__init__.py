"""What runs a plan: from a request to the latents of every candidate."""
