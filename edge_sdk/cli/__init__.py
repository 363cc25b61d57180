"""The ``obclip`` command. Other packages add subcommands by the entry point group ``obclip.commands``."""

__all__: list[str] = []
