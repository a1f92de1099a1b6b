"""What the book prints of recorded runs."""

from book._ext.records import VersionsRecord, noticed
from book._tools.versions import counts


def test_equivalent_faults_do_not_count():
    row = {"faults": 5, "killed": 2, "timed_out": 1, "survived": 1, "equivalent": 1}
    assert noticed([row]) == "3 of 4 (75.0\N{NO-BREAK SPACE}%)"
    assert noticed([row] * 500) == "1,500 of 2,000 (75.0\N{NO-BREAK SPACE}%)"


def test_what_a_version_did_is_said_in_words():
    said = VersionsRecord.outcome
    assert said({"absent": "Python 3.14 was not installed"}) == (
        "not run: Python 3.14 was not installed"
    )
    counted = {
        "passed": 1200,
        "failed": ["x"],
        "needs": dict.fromkeys(["orm", "templating"], "needs django >=6.0"),
        "skipped": ["fetch modes came with Django 6.1"],
    }
    assert said(counted) == (
        "1,200 checks green, 1 red; needs django >=6.0: `orm`, `templating`; fetch modes came "
        "with Django 6.1"
    )


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
