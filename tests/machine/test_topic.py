"""`--topic` runs what is about that topic, its laws included, and nothing of another."""

import json
import re
import shutil

import pytest

from book._core.frameworks import ROOT
from tests.machine import small_book


@pytest.fixture
def book(tmp_path):
    """A book of two topics with the laws; the second breaks one, and whatever loads its tests."""
    folder = small_book.make(tmp_path)
    shutil.copy(ROOT / "tests" / "test_book.py", folder / "tests")
    small_book.add(folder, "sample", "other")
    too_wide(folder, "other")
    (folder / "tests" / "topics" / "other" / "conftest.py").write_text("1 / 0\n")
    return folder


def too_wide(folder, topic):
    with (folder / "snippets" / "flask" / f"{topic}.py").open("a") as snippet:
        snippet.write(f"# {'x' * 80}\n")


def test_a_new_topic_keeps_all_laws(book):
    result = small_book.run(book, "pytest", "--topic=sample", "-v", "-p", "no:randomly")
    assert result.returncode == 0, result.stdout
    assert "test_listings_fit_three_columns_and_a_phone[sample] PASSED" in result.stdout
    assert "test_front_matter_is_complete[sample] PASSED" in result.stdout
    assert not re.search(r"\bother\b", result.stdout)


def test_a_broken_law_is_red_and_leaves_the_evidence(book):
    too_wide(book, "sample")
    result = small_book.run(book, "pytest", "-q", "--topic=sample")
    assert result.returncode == 1
    assert "longer than 72 columns: snippets/flask/sample.py:18 (82)" in result.stdout
    left = json.loads((book / "build" / "evidence" / "sample.json").read_text())
    assert left["tests"]["test_shows_one_book"]["runs"] == 3
