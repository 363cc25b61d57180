"""``python -m edge_sdk``: the ``obclip`` command."""

from .cli.main import main

main()
