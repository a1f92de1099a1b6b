"""The README's pictures: all there, and each small."""

import re
from hashlib import shake_256

import pytest
from PIL import Image

from book._core.frameworks import ROOT
from book._tools.pictures import MOST, PICTURES, VIEWS, save


def noise(side: int) -> Image.Image:
    """A picture of which no bit can be saved but by fewer colours."""
    return Image.frombytes("RGB", (side, side), shake_256().digest(side * side * 3))


def test_a_picture_gets_fewer_colours_until_it_is_small(tmp_path):
    path = tmp_path / "noise.png"
    assert save(noise(400), path) == path.stat().st_size <= MOST
    with Image.open(path) as few:
        assert len(few.getcolors() or []) == 128


def test_a_picture_that_stays_large_is_told(tmp_path):
    with pytest.raises(SystemExit, match=r"noise\.png is larger than 150,000 bytes in 32 colours"):
        save(noise(600), tmp_path / "noise.png")


def test_the_readme_shows_every_picture():
    shown = re.findall(r"\]\((book/_pictures/[\w.]+)\)", (ROOT / "README.md").read_text("utf-8"))
    assert sorted(shown) == sorted(path.relative_to(ROOT).as_posix() for path in PICTURES.iterdir())
    assert len(shown) == len(VIEWS) + 1
    assert max((ROOT / name).stat().st_size for name in shown) <= MOST
