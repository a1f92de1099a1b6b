"""The audit of the pins: a vulnerable one is red; what could not be looked up is said."""

import json
import subprocess

import pytest

from book._tools import audit

SAFE = {"name": "flask", "version": "3.1.3", "vulns": []}
WEAK = {
    "name": "django",
    "version": "1.0",
    "vulns": [
        {"id": "PYSEC-1", "fix_versions": ["1.1", "1.0.2"]},
        {"id": "PYSEC-2", "fix_versions": []},
    ],
}
SKIPPED = {"name": "jinja2", "skip_reason": "it was not found"}


@pytest.fixture
def pip_audit(monkeypatch):
    """A function that says what pip-audit reports: pins, or None and an error."""

    def answers(pins, error=""):
        def run(command, **options):
            (report,) = (word[9:] for word in command if word.startswith("--output="))
            if pins is not None:
                with open(report, "w") as file:
                    json.dump({"dependencies": pins, "fixes": []}, file)
            return subprocess.CompletedProcess(command, int(pins is None), "", error)

        monkeypatch.setattr(audit.subprocess, "run", run)

    return answers


@pytest.mark.parametrize(
    ("pins", "code", "strict_code", "said"),
    [
        ([SAFE], 0, 0, "1 pins, no known vulnerability\n"),
        (
            [SAFE, WEAK, SKIPPED],
            1,
            1,
            "django 1.0: PYSEC-1, mended in 1.1, 1.0.2\n"
            "django 1.0: PYSEC-2, mended in no version yet\n"
            "2 known vulnerabilities; nox -s lock renews the pins\n",
        ),
        (
            [SAFE, SKIPPED],
            0,
            3,
            "NOT AUDITED: the vulnerability database knew 1 of 2 pins. jinja2: it was not found\n",
        ),
        (
            None,
            0,
            3,
            "NOT AUDITED: the vulnerability database did not answer. ConnectionError: no network\n",
        ),
    ],
    ids=["safe", "vulnerable", "in part", "offline"],
)
def test_only_what_was_looked_up_is_safe(pip_audit, capsys, pins, code, strict_code, said):
    pip_audit(pins, error="Traceback\nConnectionError: no network\n")
    assert audit.main([]) == code
    assert capsys.readouterr().out == said
    assert audit.main(["--strict"]) == strict_code
    assert capsys.readouterr().out == said
