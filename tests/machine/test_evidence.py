"""Evidence is believed only if it is whole, untouched, and about exactly what lies here now."""

import json
from dataclasses import replace

import pytest

from book._core import evidence
from book._core.evidence import (
    Evidence,
    EvidenceError,
    Exchange,
    GreenTest,
    RanFile,
    Request,
    Response,
)
from book._core.frameworks import FRAMEWORKS, ROOT
from tests.harness.processes import full_disk

SNIPPET = "snippets/flask/routing.py"
CONTRACT = "tests/topics/routing/test_contract.py"


@pytest.fixture
def found():
    """What a green run of the topic `routing` could have left."""
    said = [
        Exchange(request=Request(method="GET", target="/"), response=Response(status=200)),
        Exchange(request=Request(method="WS", target="/ws"), frames=[["client", "hello"]]),
    ]
    test = GreenTest(
        file=CONTRACT,
        line=7,
        label="A",
        source="def test_a(): ...",
        exchanges={"flask": said},
        statements={"flask": ["SELECT 1"]},
    )
    return Evidence(
        topic="routing",
        date="2026-11-22",
        python="3.13.1",
        versions={"flask": FRAMEWORKS["flask"].version},
        files={SNIPPET: RanFile(sha256=evidence.sha256(ROOT / SNIPPET), tests=["test_a"])},
        proofs={CONTRACT: evidence.sha256(ROOT / CONTRACT)},
        tests={"test_a": test},
    )


def test_is_believed_if_all_is_as_it_was(found, tmp_path):
    evidence.write(found, tmp_path)
    assert evidence.load("routing", tmp_path) == found


@pytest.mark.parametrize(
    ("changes", "rewritten"),
    [
        ({}, False),
        ({"date": "2026-11-21"}, False),
        ({"date": "2026-11-23"}, True),
        ({"python": "3.13.2"}, True),
    ],
)
def test_the_same_evidence_is_not_written_twice(found, tmp_path, changes, rewritten):
    evidence.write(found, tmp_path)
    before = (tmp_path / "routing.json").stat().st_ino
    evidence.write(replace(found, **changes), tmp_path)
    assert ((tmp_path / "routing.json").stat().st_ino != before) is rewritten


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"files": {SNIPPET: RanFile(sha256="of another commit", tests=[])}},
            f"{SNIPPET} is not the file that ran: it changed after the tests of 2026-11-22; run ",
        ),
        ({"proofs": {CONTRACT: "of another commit"}}, f"{CONTRACT} is not the file that ran"),
        (
            {"files": {"snippets/flask/routing_files/gone.html": RanFile(sha256="", tests=[])}},
            "snippets/flask/routing_files/gone.html ran in the tests of 2026-11-22, but is gone; run ",
        ),
        (
            {"versions": {"flask": "0.1"}},
            f"the tests ran on flask 0.1, installed is {FRAMEWORKS['flask'].version}; run 'nox ",
        ),
        ({"versions": {"flusk": "1.0"}}, "ran on flusk 1.0, installed is none; run "),
    ],
)
def test_of_another_state_is_refused(found, tmp_path, changes, words):
    evidence.write(replace(found, **changes), tmp_path)
    with pytest.raises(EvidenceError) as refused:
        evidence.load("routing", tmp_path)
    assert words in str(refused.value)


def test_of_another_topic_is_refused(found, tmp_path):
    evidence.write(replace(found, topic="orm"), tmp_path)
    (tmp_path / "orm.json").rename(tmp_path / "routing.json")
    with pytest.raises(
        EvidenceError, match=r"evidence routing\.json is of another topic; run 'nox"
    ):
        evidence.load("routing", tmp_path)


def test_of_another_format_is_refused(found, tmp_path, monkeypatch):
    monkeypatch.setattr(evidence, "FORMAT", evidence.FORMAT - 1)
    evidence.write(found, tmp_path)
    monkeypatch.undo()
    with pytest.raises(EvidenceError, match="was written by another state of the book; run 'nox"):
        evidence.load("routing", tmp_path)
    evidence.write(found, tmp_path)
    assert evidence.load("routing", tmp_path) == found


def test_cut_off_anywhere_is_refused(found, tmp_path):
    evidence.write(found, tmp_path)
    path = tmp_path / "routing.json"
    whole = path.read_bytes()
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        with pytest.raises(EvidenceError, match=r"routing\.json is cut off or no JSON; run 'nox"):
            evidence.load("routing", tmp_path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe\xfd", "is cut off or no JSON"),
        (b"[]", "was changed by hand: its seal is broken"),
        (b"{}", "was changed by hand: its seal is broken"),
    ],
)
def test_that_no_run_wrote_is_refused(tmp_path, content, words):
    (tmp_path / "routing.json").write_bytes(content)
    with pytest.raises(EvidenceError, match=words):
        evidence.load("routing", tmp_path)


@pytest.mark.parametrize("key", ["date", "python", "versions", "files", "proofs", "tests"])
def test_changed_by_hand_is_refused(found, tmp_path, key):
    evidence.write(found, tmp_path)
    path = tmp_path / "routing.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), key: "2026-11-23"}))
    with pytest.raises(EvidenceError, match="was changed by hand: its seal is broken"):
        evidence.load("routing", tmp_path)


def test_a_full_disk_leaves_the_last_evidence_and_nothing_else(found, tmp_path):
    evidence.write(found, tmp_path)
    before = (tmp_path / "routing.json").read_bytes()
    with full_disk(100), pytest.raises(OSError, match="File too large"):
        evidence.write(replace(found, python="3.13.2"), tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"routing.json": before}


def test_the_distributions_behind_imports_are_found_wherever_they_stand(tmp_path):
    (tmp_path / "a.py").write_text(
        '"""How to import jinja2.\n\nimport alembic\n"""\n\nimport yaml, os\nfrom . import flask\n\n\n'
        "def draw():\n    from PIL.Image import Image\n    return Image\n"
    )
    (tmp_path / "list.html").write_text("import sqlalchemy\n")
    found = evidence.distributions_of([tmp_path / "a.py", tmp_path / "list.html"])
    assert found == ["pillow", "pyyaml"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("test_shows_one_book", "Shows one book"),
        ("test_a_json_list", "A JSON list"),
        ("test_sql_stays_as_it_is", "SQL stays as it is"),
    ],
)
def test_a_test_s_name_is_a_sentence(name, said):
    assert evidence.sentence(name) == said
