"""What the book prints of recorded runs."""

import json

from book._ext.records import VersionsRecord, noticed
from book._tools import versions
from book._tools.versions import counts


def test_equivalent_faults_do_not_count():
    row = {"faults": 5, "killed": 2, "timed_out": 1, "survived": 1, "equivalent": 1}
    assert noticed([row]) == "3 of 4 (75.0\N{NO-BREAK SPACE}%)"
    assert noticed([row] * 500) == "1,500 of 2,000 (75.0\N{NO-BREAK SPACE}%)"


def test_what_a_version_did_is_said_in_words():
    said = VersionsRecord.outcome
    assert said({"passed": 9, "failed": [], "needs": {}, "skipped": []}) == "all checks green"
    counted = {
        "passed": 1200,
        "failed": ["x"],
        "needs": dict.fromkeys(["orm", "templating"], "needs django >=6.0"),
        "skipped": ["fetch modes came with Django 6.1"],
    }
    assert said(counted) == (
        "1 of 1,201 checks red; needs django >=6.0, so left out: `orm`, `templating`; fetch modes "
        "came with Django 6.1"
    )


def test_when_rows_were_recorded_is_said_by_commit():
    def row(name, commit):
        return {"name": name, "date": "2026-11-24", "commit": commit}

    said = VersionsRecord.words
    one = [row("pinned", "a" * 40), row("lowest", "a" * 40)]
    assert said(one) == "Recorded on 24 November 2026 at commit aaaaaaa."
    assert said([*one, row("newest", "b" * 40)]) == (
        "Recorded on 24 November 2026 at commit aaaaaaa: pinned; lowest, on 24 November 2026 at "
        "commit bbbbbbb: newest."
    )


def test_a_result_takes_the_place_of_its_last_one(tmp_path, monkeypatch):
    monkeypatch.setattr(versions, "ROOT", tmp_path)
    monkeypatch.setattr(versions, "RECORD", tmp_path / "versions.json")

    def recorded(result, whole):
        versions.record(result, whole=whole)
        return json.loads(versions.RECORD.read_text())["combinations"]

    pinned, newest, again = (
        {"name": name, "passed": passed}
        for name, passed in (("pinned", 1), ("newest", 2), ("newest", 3))
    )
    assert recorded(newest, False) == [newest]
    assert recorded(pinned, False) == [pinned, newest]
    assert recorded(again, False) == [pinned, again]
    assert recorded(pinned, True) == [pinned]
    assert recorded(newest, True) == [pinned, newest]


def test_what_was_varied_is_what_is_not_as_pinned():
    pins = {"flask": "3.1.3", "fastapi": "0.165.0", "django": "6.1.3", "starlette": "1.10.0"}
    pins |= {"pydantic": "2.14.3", "channels": "4.3.2", "sqlalchemy": "2.1.9", "alembic": "1.20.1"}
    pinned = {"versions": pins, "others": 0}

    def said(result, pinned):
        return VersionsRecord.varied(result, pinned, versions.VARIED)

    assert said(pinned, pinned).startswith("Flask 3.1.3, FastAPI 0.165.0, Django 6.1.3, Starlette ")
    assert said({"versions": pins, "others": 0}, pinned) == "Python alone"
    other = {"versions": {**pins, "django": "5.2", "alembic": "1.20.0"}, "others": 17}
    assert said(other, pinned) == "Django 5.2, Alembic 1.20.0, 17 more packages"
    described = versions.described(
        {**pins, "django": "5.2", "jinja2": "3.1", "python": "3.13"}, pins
    )
    assert described["others"] == 1
    assert described["versions"]["django"] == "5.2"


def test_a_report_of_pytest_is_counted(tmp_path):
    report = tmp_path / "result.xml"
    report.write_text(
        "<testsuites><testsuite>"
        '<testcase classname="a" name="green" />'
        '<testcase classname="a" name="red"><failure /></testcase>'
        '<testcase classname="a" name="broken"><error /></testcase>'
        '<testcase classname="a" name="left"><skipped message="too old" /></testcase>'
        "</testsuite></testsuites>"
    )
    found = counts(report)
    assert found == {"passed": 1, "failed": ["a.broken", "a.red"], "skipped": ["too old"]}
