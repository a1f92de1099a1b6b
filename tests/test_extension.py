"""The machine stops whatever is not proven, with words that a newcomer understands."""

import json

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
        "no evidence for 'sample': its tests did not all run green; run 'nox -s tests -- -k sample'",
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


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A small book whose topic was made by `new` and tested."""
    made = small_book.make(tmp_path_factory.mktemp("small-book"))
    new = small_book.run(made, "book._tools.new", "sample")
    assert new.returncode == 0, new.stderr
    tests = small_book.run(made, "pytest", "-q", "-p", "no:randomly")
    assert tests.returncode == 0, tests.stdout
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


class TestRuns:
    """What a run leaves behind."""

    @pytest.fixture
    def evidence(self, folder):
        path = folder / EVIDENCE
        saved = path.read_bytes()
        yield path
        path.write_bytes(saved)

    @pytest.fixture
    def edited(self, folder):
        saved = {}

        def edit(name, old, new):
            saved[name] = (folder / name).read_bytes()
            small_book.change(folder, [[name, old, new]])

        yield edit
        for name, content in saved.items():
            (folder / name).write_bytes(content)

    def test_a_red_test_takes_the_evidence_away(self, folder, evidence, edited):
        edited(CONTRACT, "fastapi=422", "fastapi=400")
        result = small_book.run(folder, "pytest", "-q")
        assert result.returncode == 1
        assert not evidence.exists()

    def test_a_line_that_no_test_runs_fails_the_run(self, folder, evidence, edited):
        line = '    return {"id": book_id, "title": "Dune"}\n'
        edited(
            "snippets/flask/sample.py", line, f"    if book_id == 7:\n        return []\n{line}"
        )
        result = small_book.run(folder, "pytest", "-q")
        assert result.returncode == 1
        assert "snippets/flask/sample.py: no test runs line 17" in result.stdout
        assert not evidence.exists()

    def test_a_partial_run_proves_nothing(self, folder, evidence):
        evidence.unlink()
        result = small_book.run(folder, "pytest", "-q", "-k", "shows_one_book")
        assert result.returncode == 0
        assert not evidence.exists()
