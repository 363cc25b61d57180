"""The reference: diffusers' UNet and transformers' text model."""
