"""Evidence is believed only if it is whole, untouched, and about exactly what lies here now."""

import json

import pytest

from book._core import evidence
from book._core.evidence import EvidenceError
from book._core.frameworks import FRAMEWORKS, ROOT
from tests.harness.processes import full_disk

SNIPPET = "snippets/flask/routing.py"
CONTRACT = "tests/topics/routing/test_contract.py"


@pytest.fixture
def data():
    """What a green run of the topic `routing` could have left."""
    return {
        "format": evidence.FORMAT,
        "topic": "routing",
        "date": "2026-11-22",
        "python": "3.13.1",
        "versions": {"flask": FRAMEWORKS["flask"].version},
        "files": {SNIPPET: {"sha256": evidence.sha256(ROOT / SNIPPET), "tests": ["test_a"]}},
        "proofs": {CONTRACT: evidence.sha256(ROOT / CONTRACT)},
        "tests": {},
    }


def test_is_believed_if_all_is_as_it_was(data, tmp_path):
    evidence.write(data, tmp_path)
    believed = evidence.load("routing", tmp_path)
    assert believed.data == {**data, "seal": evidence.seal(data)}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"files": {SNIPPET: {"sha256": "of another commit", "tests": []}}},
            f"{SNIPPET} is not the file that ran: it changed after the tests of 2026-11-22; run ",
        ),
        ({"proofs": {CONTRACT: "of another commit"}}, f"{CONTRACT} is not the file that ran"),
        (
            {"files": {"snippets/flask/routing_files/gone.html": {"sha256": "", "tests": []}}},
            "snippets/flask/routing_files/gone.html ran in the tests of 2026-11-22, but is gone; run ",
        ),
        (
            {"versions": {"flask": "0.1"}},
            "the tests of 'routing' ran on flask 0.1, installed is "
            f"{FRAMEWORKS['flask'].version}; run ",
        ),
        ({"versions": {"flusk": "1.0"}}, "ran on flusk 1.0, installed is none; run "),
        ({"format": 0}, "evidence routing.json is of another format or topic; run "),
    ],
)
def test_of_another_state_is_refused(data, tmp_path, changes, words):
    evidence.write({**data, **changes}, tmp_path)
    with pytest.raises(EvidenceError) as refused:
        evidence.load("routing", tmp_path)
    assert words in str(refused.value)


def test_of_another_topic_is_refused(data, tmp_path):
    evidence.write({**data, "topic": "orm"}, tmp_path)
    (tmp_path / "orm.json").rename(tmp_path / "routing.json")
    with pytest.raises(EvidenceError, match="of another format or topic"):
        evidence.load("routing", tmp_path)


def test_cut_off_anywhere_is_refused(data, tmp_path):
    evidence.write(data, tmp_path)
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
def test_changed_by_hand_is_refused(data, tmp_path, key):
    evidence.write(data, tmp_path)
    path = tmp_path / "routing.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), key: "2026-11-23"}))
    with pytest.raises(EvidenceError, match="was changed by hand: its seal is broken"):
        evidence.load("routing", tmp_path)


def test_a_full_disk_leaves_the_last_evidence_and_nothing_else(data, tmp_path):
    evidence.write(data, tmp_path)
    before = (tmp_path / "routing.json").read_bytes()
    with full_disk(100), pytest.raises(OSError, match="File too large"):
        evidence.write({**data, "date": "2026-11-23", "python": "3.13.2"}, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"routing.json": before}


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
