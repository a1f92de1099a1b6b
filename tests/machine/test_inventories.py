"""Links to official documentation: right for the versions that ran, and never to nothing."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from sphinx.util.inventory import InventoryFile

import conf
from book._core.frameworks import ROOT

ADDRESSES = {name: address for name, (address, _) in conf.intersphinx_mapping.items()}


def minor(release: str) -> str:
    """ "3.1" of "3.1.3"."""
    return ".".join(release.split(".")[:2])


@pytest.mark.parametrize("name", ADDRESSES)
def test_an_inventory_is_of_the_version_that_the_book_runs_on(name):
    content = (ROOT / "book" / "_inventories" / f"{name}.inv").read_bytes()
    inventory = InventoryFile.loads(content, uri=ADDRESSES[name])
    pages = inventory.data["std:doc"].values()
    assert {minor(page.project_version) for page in pages} == {minor(version(name))}
    edition = ADDRESSES[name].rstrip("/").rpartition("/")[2]
    assert edition in ("stable", minor(version(name)))


def build(folder: Path, link: str) -> subprocess.CompletedProcess[str]:
    """A page with one link, built as the book is: every warning an error."""
    folder.joinpath("conf.py").write_text(
        f"""
extensions = ["myst_parser", "sphinx.ext.intersphinx"]
intersphinx_mapping = {{
    "django": ("{ADDRESSES["django"]}", r"{ROOT / "book" / "_inventories" / "django.inv"}"),
}}
"""
    )
    folder.joinpath("index.md").write_text(f"# Page\n\n[its documentation]({link})\n", "utf-8")
    return subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "-n", "-q", "-b", "html", folder, folder / "out"],
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_link_leads_to_the_documentation(tmp_path):
    result = build(tmp_path, "inv:django:std:doc#topics/http/urls")
    assert (result.stderr, result.returncode) == ("", 0)
    page = tmp_path.joinpath("out", "index.html").read_text("utf-8")
    assert 'href="https://docs.djangoproject.com/en/6.1/topics/http/urls/"' in page


def test_a_link_to_what_is_not_there_stops_the_build(tmp_path):
    result = build(tmp_path, "inv:django:std:doc#topics/http/url")
    assert result.returncode != 0
    assert "index.md:3" in result.stderr
    assert "topics/http/url" in result.stderr
