"""Building the book: all three editions or none, whatever goes wrong and however late."""

from unittest.mock import Mock

import pytest
from sphinx.errors import ConfigError

from book._ext import extension
from book._tools import build
from tests.harness.processes import full_disk

LAST = {edition: f"the last good {edition}" for edition in build.EDITIONS}


@pytest.fixture
def editions(tmp_path, monkeypatch):
    """A book that was built; gives what its editions hold now."""
    monkeypatch.setattr(build, "BUILD", tmp_path)
    monkeypatch.setattr(build, "FRESH", tmp_path / ".fresh")
    monkeypatch.setattr(build, "report", lambda seconds: None)
    for edition, product in build.EDITIONS.items():
        (tmp_path / edition).mkdir()
        (tmp_path / edition / product).write_text(LAST[edition])

    def editions():
        assert {path.name for path in tmp_path.iterdir()} == set(build.EDITIONS)
        return {name: (tmp_path / name / build.EDITIONS[name]).read_text() for name in LAST}

    return editions


def written(texts):
    """In place of Sphinx: it writes these texts, whatever the disk says to that."""

    def make(edition, product, folder, doctrees):
        path = folder / edition / product
        path.parent.mkdir(parents=True)
        path.write_text(texts[edition])

    return make


def test_a_whole_book_takes_the_last_ones_place(editions, monkeypatch, tmp_path):
    new = {edition: f"a new {edition}" for edition in build.EDITIONS}
    monkeypatch.setattr(build, "make", written(new))
    assert build.main([]) == 0
    assert editions() == new
    assert (tmp_path / "html" / build.EDITIONS["pdf"]).read_text() == "a new pdf"


@pytest.mark.parametrize("edition", build.EDITIONS)
def test_a_full_disk_leaves_the_last_good_book(editions, monkeypatch, capsys, edition):
    monkeypatch.setattr(build, "make", written(dict.fromkeys(LAST, "new") | {edition: 500 * "x"}))
    with full_disk(100):
        assert build.main([]) == 1
    assert editions() == LAST
    said = capsys.readouterr().err
    assert "File too large" in said
    assert said.endswith("The last good book below build/ was left as it is.\n")


def test_an_edition_that_fails_leaves_the_last_good_book(editions, monkeypatch, capsys):
    monkeypatch.setattr(build, "ROOT", build.BUILD)  # without a conf.py
    assert build.main([]) == 1
    assert editions() == LAST
    said = capsys.readouterr().err
    assert "The pdf edition was not built: see the message above." in said


def test_a_second_build_leaves_the_book_as_it_is(editions, monkeypatch, tmp_path_factory):
    folder = tmp_path_factory.mktemp("again")
    monkeypatch.setattr(build, "make", written(dict.fromkeys(LAST, "new")))
    assert build.main(["--again", str(folder)]) == 0
    assert editions() == LAST
    made = {str(path.relative_to(folder)) for path in folder.rglob("*.*")}
    assert made == {"pdf/side-by-side.pdf", "epub/side-by-side.epub"}


def test_another_source_folder_than_the_book_is_named():
    with pytest.raises(ConfigError, match=r"'sphinx-build -c \. book FOLDER'"):
        extension.setup(Mock(srcdir=build.ROOT))
