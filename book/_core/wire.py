"""The record of a topic's run over the wire: its name, and the files that it is about."""

from book._core import evidence
from book._core.frameworks import FRAMEWORKS

NAME = "wire.json"


def about(topic: str) -> dict[str, str]:
    """The files that a run is about, by their bytes: all but the tests of one framework alone."""
    others = {f"tests/topics/{topic}/test_{name}.py" for name in FRAMEWORKS}
    return {file: sha for file, sha in evidence.hashes(topic).items() if file not in others}
