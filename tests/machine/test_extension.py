"""The machine stops whatever is not proven, with words that a newcomer understands."""

import json

import pytest

from tests.machine import small_book

# What is broken on one page, all at once, and what the build must say about each.
END = "## Official documentation"
ON_THE_PAGE = {
    "a misspelt region": (
        ["{compare} first-region", "{compare} first-regoin"],
        "book/sample.md:19: ERROR: {compare}: no region 'first-regoin' in "
        "snippets/flask/sample.py; it has: first-region",
    ),
    "a test renamed": (
        ["{exchange} test_shows_one_book", "{exchange} test_shows_a_book"],
        "no green test 'test_shows_a_book' in tests/topics/sample/test_contract.py; it has: "
        "test_shows_one_book, test_a_word_where_a_number_belongs",
    ),
    "a test that failed": (
        [END, f"```{{exchange}} test_shows_one_book\n:topic: red\n```\n\n{END}"],
        "no evidence for 'red': its tests did not all run green; run 'nox -s tests -- --topic red'",
    ),
    "an exchange that was not recorded": (
        [END, f"```{{exchange}} test_shows_one_book\n:nth: 2\n```\n\n{END}"],
        "'test_shows_one_book' made 1 requests; ':nth: 2' is too many",
    ),
    "an unknown framework": (
        [END, f"```{{compare}}\n:only: flusk\n```\n\n{END}"],
        "'flusk' is no framework; there are: flask, fastapi, django",
    ),
    "one listing for what differs": (
        [END, f"```{{compare}} first-region\n:once:\n```\n\n{END}"],
        "sample.py is not the same in all frameworks; leave ':once:' away",
    ),
    "a file outside snippets": (
        [END, f"```{{listing}} conf.py\n```\n\n{END}"],
        "conf.py lies outside snippets/; only what tests run can be shown",
    ),
    "a template that does not exist": (
        [END, f"```{{listing}} snippets/flask/sample_files/list.html\n```\n\n{END}"],
        "no file snippets/flask/sample_files/list.html",
    ),
    "a file that no test of the topic runs": (
        [END, f"```{{listing}} snippets/flask/red.py\n```\n\n{END}"],
        "no test of 'sample' ran snippets/flask/red.py; a file belongs to a topic by its place",
    ),
    "a header that no answer has": (
        [END, f"```{{exchange}} test_shows_one_book\n:headers: etag\n```\n\n{END}"],
        "no header 'etag' in the exchange of 'test_shows_one_book'; ':headers:' can print: content-",
    ),
    "a header that the request has not": (
        [END, f"```{{exchange}} test_shows_one_book\n:request-headers: x-a\n```\n\n{END}"],
        "no header 'x-a' in the exchange of 'test_shows_one_book'; ':request-headers:' can print: no",
    ),
    "a record of a run that never was": (
        [END, f"```{{faults-record}}\n```\n\n{END}"],
        "no record book/_records/<topic>/faults.json of any topic; run 'nox -s mutate -- --record'",
    ),
    "front matter without a question": (
        ["know?", "know"],
        "'question:' must be the reader's question, with a '?'",
    ),
    "front matter with an unknown key": (
        ["try: /books/1", "try: /books/1\ntopics: x"],
        "front matter has an unknown key 'topics'; known: ",
    ),
    "a version of something that is not installed": (
        ["Say the surprising thing first. {shown}", "{version}`flusk` {shown}"],
        "{version}: 'flusk' is not installed",
    ),
}
# What is broken elsewhere, one build each.
ELSEWHERE = {
    "a snippet edited after the run": (
        [["snippets/flask/sample.py", '"Dune"', '"Tune"']],
        "snippets/flask/sample.py is not the file that ran: it changed after the tests of",
    ),
    "front matter that is no YAML": (
        [["book/sample.md", "question: What", "question: What: is"]],
        "book/sample.md:2: the front matter is no YAML: mapping values are not allowed here; put",
    ),
    "front matter of another kind": (
        [["book/sample.md", "try: /books/1", "try: /books/1\ngaps: none"]],
        "book/sample.md: 'gaps:' must be followed by lines such as '  django: …'",
    ),
    "a sentence for a framework left out": (
        [["book/sample.md", "  flask: One sentence. {shown}`test_shows_one_book`\n", ""]],
        "book/sample.md: 'glance: flask:' must be one sentence with a full stop",
    ),
    "a harness edited after the run": (
        [["tests/harness/clients.py", "import copy", "import copy as copy"]],
        "tests/harness/clients.py is not the file that ran: it changed after the tests; run 'nox -s tests'",
    ),
    "a framework's file deleted": (
        [["snippets/fastapi/sample.py"]],
        "snippets/fastapi/sample.py ran in the tests of",
    ),
    "evidence that is missing": (
        [["build/evidence/sample.json"]],
        "no evidence for 'sample': its tests did not all run green; run 'nox -s tests -- ",
    ),
}


TOPICS = ("sample", "gapped", "holed", "red", "lacking", "partial", "moving")
GOOD = TOPICS[:2]
SAVE = """

def test_during_which_somebody_saves():
    import subprocess

    subprocess.check_call(["/bin/sh", "-c", "echo '# saved' >> snippets/flask/moving.py"])
"""


ONE = """
def test_shows_one_book(client):
    assert client.get("/books/1").json() == {"id": 1, "title": "Dune"}


def test_a_word_where_a_number_belongs(client):
    assert client.get("/books/dune").status_code == 404
"""
TWO = f"""
from tests.harness.differs import differs
{ONE}

@differs(flask=405, django=403)
def test_a_method_that_no_route_names(client, expected):
    assert client.put("/books/1").status_code == expected
"""
HEADER = """

def test_a_header(client):
    assert client.get("/books/1").headers["etag"] == "1"
"""


def leave_out(folder, topic, *names, contract):
    """Take frameworks from a topic, with a reason."""
    for name in names:
        (folder / "snippets" / name / f"{topic}.py").unlink()
    if names:
        gaps = "".join(f"\n  {name}: It has no such thing." for name in names)
        edit = [f"book/{topic}.md", "try: /books/1", f"try: /books/1\ngaps:{gaps}"]
        small_book.change(folder, [edit])
    (folder / "tests" / "topics" / topic / "test_contract.py").write_text(contract)


@pytest.fixture(scope="module")
def tested(tmp_path_factory):
    """A small book of topics made by `new`, and what its tests said.

    All but the first are not as `new` makes them, most are faulty and to be quick in Flask only.
    """
    folder = small_book.make(tmp_path_factory.mktemp("small-book"))
    small_book.add(folder, *TOPICS)
    leave_out(folder, "gapped", "fastapi", contract=TWO)
    leave_out(folder, "holed", contract=TWO)
    (folder / "snippets" / "fastapi" / "holed.py").unlink()
    for topic in TOPICS[3:]:
        leave_out(folder, topic, "fastapi", "django", contract=ONE)
    small_book.change(folder, [["tests/topics/red/test_contract.py", "== 404", "== 400"]])
    with (folder / "tests" / "topics" / "red" / "test_contract.py").open("a") as contract:
        contract.write(HEADER)
    line = '    return {"id": book_id, "title": "Dune"}\n'
    unseen = f"    if book_id == 7:\n        return []\n{line}"
    small_book.change(folder, [["snippets/flask/lacking.py", line, unseen]])
    (folder / "snippets" / "flask" / "lacking_files").mkdir(parents=True)
    (folder / "snippets" / "flask" / "lacking_files" / "list.html").write_text("<ul>\n")
    with (folder / "tests" / "topics" / "moving" / "test_contract.py").open("a") as contract:
        contract.write(SAVE)
    (folder / "build" / "evidence").mkdir(parents=True)
    for topic in TOPICS:
        (folder / "build" / "evidence" / f"{topic}.json").write_text("{}")
    left_out = "--deselect=tests/topics/partial/test_contract.py::test_shows_one_book"
    return folder, small_book.run(folder, "pytest", "-q", "tests", "snippets", left_out)


@pytest.fixture(scope="module")
def folder(tested):
    """The small book with its good chapters only."""
    made, _ = tested
    bad = {*TOPICS} - {*GOOD}
    for topic in bad:
        (made / "book" / f"{topic}.md").unlink()
    index = made / "book" / "index.md"
    kept = [line for line in index.read_text().splitlines() if line not in bad]
    index.write_text("\n".join(kept) + "\n")
    return made


@pytest.fixture(scope="module")
def builds(folder):
    """What each build says: one process builds the book again after every change."""
    changes = {
        "nothing": [],
        "the page": [["book/sample.md", *edit] for edit, _ in ON_THE_PAGE.values()],
        **{name: edits for name, (edits, _) in ELSEWHERE.items()},
    }
    result = small_book.run(folder, "tests.machine.small_book", text=json.dumps(changes))
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_a_new_topic_passes_and_builds(builds):
    code, said = builds["nothing"]
    assert (code, said) == (0, "")


def stops(build, words):
    """Whether a build ends with these words, said once and without a traceback."""
    code, said = build
    return code != 0 and said.count(words) == 1 and "Traceback" not in said


@pytest.mark.parametrize("name", ON_THE_PAGE)
def test_stops_the_build_whatever_else_is_wrong(builds, name):
    assert stops(builds["the page"], ON_THE_PAGE[name][1]), builds["the page"]


@pytest.mark.parametrize("name", ELSEWHERE)
def test_stops_the_build(builds, name):
    assert stops(builds[name], ELSEWHERE[name][1]), builds[name]


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
    assert left == {"sample": True, "gapped": True, "partial": False}


def test_evidence_says_of_each_test_where_it_stands_and_what_it_did(tested):
    folder, _ = tested
    left = json.loads((folder / "build" / "evidence" / "sample.json").read_text())
    test = left["tests"]["test_a_word_where_a_number_belongs"]
    source = test.pop("source")
    assert source.startswith("@differs(flask=404")
    assert source.endswith("== expected\n")
    said = test.pop("exchanges")
    assert {name: each["response"]["status"] for name, [each] in said.items()} == {
        "flask": 404,
        "fastapi": 422,
        "django": 404,
    }
    assert sorted(test.pop("frameworks")) == ["django", "fastapi", "flask"]
    assert test == {
        "file": "tests/topics/sample/test_contract.py",
        "line": 12,
        "label": "`GET /books/dune`: a word where a number belongs",
        "differs": {"flask": 404, "fastapi": 422, "django": 404},
        "variants": {},
        "cases": 1,
        "runs": 3,
        "statements": {},
    }


@pytest.mark.parametrize(
    "words",
    [
        "snippets/flask/lacking.py: no test runs line 17",
        "snippets/flask/lacking_files/list.html: no test runs it",
        "snippets/fastapi/holed.py is missing: write it, or say why not in the front matter of "
        "book/holed.md: 'gaps: {fastapi: reason}'",
        "NoHeader: no header 'etag' in this answer; it has: content-length, content-type",
        "snippets/flask/moving.py changed while the tests of 'moving' ran; run them again",
    ],
)
def test_what_takes_the_evidence_away_is_named(tested, words):
    assert words in tested[1].stdout
