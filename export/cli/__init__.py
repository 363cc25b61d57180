"""The commands ``obclip export`` and ``obclip bundle``."""
