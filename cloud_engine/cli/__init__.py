"""The commands of the cloud: ``obclip serve`` and ``obclip plan``."""
