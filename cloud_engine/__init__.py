"""The cloud: denoises every member of a closed set from one noise, for the first k steps."""

__all__: list[str] = []
