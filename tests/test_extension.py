"""The machine stops whatever is not proven, with words that a newcomer understands."""

import json
import subprocess
import sys

import pytest

from tests import small_book

PAGE = "book/sample.md"
EVIDENCE = "build/evidence/sample.json"
CONTRACT = "tests/contract/test_sample.py"

UNCHANGED: dict[str, list] = {"nothing": []}

# What is broken, and what the build must say about it.
BREAKS = {
    "a snippet edited after the run": (
        [["snippets/flask/sample.py", '"Dune"', '"Tune"']],
        "snippets/flask/sample.py is not the file that ran: it changed after the tests of",
    ),
    "a contract edited after the run": (
        [[CONTRACT, "200", "201"]],
        f"{CONTRACT} is not the file that ran",
    ),
    "a misspelt region": (
        [[PAGE, "{compare} first-region", "{compare} first-regoin"]],
        "book/sample.md:18: ERROR: {compare}: no region 'first-regoin' in "
        "snippets/flask/sample.py; it has: first-region",
    ),
    "a framework's file deleted": (
        [["snippets/fastapi/sample.py"]],
        "snippets/fastapi/sample.py ran in the tests of",
    ),
    "a test renamed": (
        [[PAGE, "test_shows_one_book", "test_shows_a_book"]],
        "no green test 'test_shows_a_book' in tests/contract/test_sample.py; it has: "
        "test_shows_one_book, test_a_word_where_a_number_belongs",
    ),
    "an exchange that was not recorded": (
        [[PAGE, "{exchange} test_shows_one_book", "{exchange} test_shows_one_book\n:nth: 2"]],
        "'test_shows_one_book' made 1 requests; ':nth: 2' is too many",
    ),
    "an unknown framework": (
        [[PAGE, "{compare} first-region", "{compare} first-region\n:only: flusk"]],
        "'flusk' is no framework; there are: flask, fastapi, django",
    ),
    "a file outside snippets": (
        [[PAGE, "{compare} first-region", "{listing} conf.py"]],
        "lies outside snippets/; only what tests run can be shown",
    ),
    "a template that does not exist": (
        [[PAGE, "{compare} first-region", "{listing} snippets/flask/templates/sample/list.html"]],
        "no file snippets/flask/templates/sample/list.html",
    ),
    "a file that no test of the topic runs": (
        [[PAGE, "{compare} first-region", "{listing} snippets/__init__.py"]],
        "lies outside snippets/",
    ),
    "evidence that is missing": (
        [[EVIDENCE]],
        "no evidence for 'sample': its tests did not all run green; run 'nox -s tests -- --topic sample'",
    ),
    "evidence that is cut off": (
        [[EVIDENCE, '"tests": {', '"tes']],
        "evidence sample.json is cut off or no JSON",
    ),
    "evidence changed by hand": (
        [[EVIDENCE, '"runs": 3', '"runs": 30']],
        "evidence sample.json was changed by hand: its seal is broken",
    ),
    "front matter without a question": (
        [[PAGE, "know?", "know"]],
        "'question:' must be the reader's question, with a '?'",
    ),
    "front matter with an unknown key": (
        [[PAGE, "try: /books/1", "try: /books/1\ntopics: x"]],
        "front matter has an unknown key 'topics'; known: ",
    ),
    "a version of something that is not installed": (
        [[PAGE, "Say the surprising thing first.", "{version}`flusk`"]],
        "{version}: 'flusk' is not installed",
    ),
}


TOPICS = ("sample", "red", "lacking", "partial")
NEW = f"from book._tools import new; raise SystemExit(any(map(new.main, {[[t] for t in TOPICS]})))"


@pytest.fixture(scope="module")
def tested(tmp_path_factory):
    """A small book of four topics made by `new`, three of them faulty, and what its tests said."""
    folder = small_book.make(tmp_path_factory.mktemp("small-book"))
    made = subprocess.run([sys.executable, "-c", NEW], cwd=folder, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    small_book.change(folder, [["tests/contract/test_red.py", "fastapi=422", "fastapi=400"]])
    line = '    return {"id": book_id, "title": "Dune"}\n'
    unseen = f"    if book_id == 7:\n        return []\n{line}"
    small_book.change(folder, [["snippets/flask/lacking.py", line, unseen]])
    (folder / "build" / "evidence").mkdir(parents=True)
    for topic in TOPICS:
        (folder / "build" / "evidence" / f"{topic}.json").write_text("{}")
    left_out = "--deselect=tests/contract/test_partial.py::test_shows_one_book"
    return folder, small_book.run(folder, "pytest", "-q", left_out)


@pytest.fixture(scope="module")
def folder(tested):
    """The small book with its one good topic only."""
    made, _ = tested
    for topic in TOPICS[1:]:
        for path in [*made.glob(f"*/{topic}.*"), *made.glob(f"snippets/*/{topic}.py")]:
            path.unlink()
        (made / "tests" / "contract" / f"test_{topic}.py").unlink()
    index = made / "book" / "index.md"
    kept = [line for line in index.read_text().splitlines() if line not in TOPICS[1:]]
    index.write_text("\n".join(kept) + "\n")
    return made


@pytest.fixture(scope="module")
def builds(folder):
    """What each build says: one process builds the book again after every change."""
    changes = UNCHANGED | {name: edits for name, (edits, _) in BREAKS.items()}
    result = small_book.run(folder, "tests.small_book", text=json.dumps(changes))
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_a_new_topic_passes_and_builds(builds):
    code, said = builds["nothing"]
    assert (code, said) == (0, "")


@pytest.mark.parametrize("name", BREAKS)
def test_stops_the_build(builds, name):
    code, said = builds[name]
    assert code != 0
    assert BREAKS[name][1] in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("sample", "'sample' exists already"),
        ("Caching", "use lower case words_like_these"),
        ("logging", "'logging' is a module of Python"),
        ("jinja2", "'jinja2' is an installed module"),
        ("settings", "'settings' is a file of the Django project"),
    ],
)
def test_new_refuses_a_bad_name(folder, monkeypatch, name, words):
    from book._tools import new

    monkeypatch.setattr(new, "topics", lambda: ["sample"])
    with pytest.raises(new.BadName, match=words):
        new.check(name)


def test_only_a_whole_green_run_leaves_evidence(tested):
    folder, result = tested
    left = {
        topic: (folder / "build" / "evidence" / f"{topic}.json").read_text() != "{}"
        for topic in TOPICS
        if (folder / "build" / "evidence" / f"{topic}.json").exists()
    }
    assert result.returncode == 1
    # A red test or a line that never ran takes old evidence away; a partial run leaves it alone.
    assert left == {"sample": True, "partial": False}


def test_a_line_that_no_test_runs_is_named(tested):
    assert "snippets/flask/lacking.py: no test runs line 17" in tested[1].stdout
