"""What packages learn that ask for the metadata of FastAPI, be it installed or not."""

from __future__ import annotations

from importlib.metadata import Distribution
from pathlib import Path

__all__ = ["AliasedDistribution"]


class AliasedDistribution(Distribution):
    """The distribution `fastapi` in a version. It has no files."""

    def __init__(self, version: str) -> None:
        self._version = version

    def read_text(self, filename: str) -> str | None:
        """Return the core metadata; there is nothing else."""
        if filename != "METADATA":
            return None
        return f"Metadata-Version: 2.1\nName: fastapi\nVersion: {self._version}\n"

    def locate_file(self, path: object) -> Path:
        """Return where a file of the distribution would be."""
        return Path(__file__).parent / str(path)
