"""Ask a vulnerability database about every pinned version: `python -m book._tools.audit`.

What could not be asked is said, and not taken for safe with --strict: pip-audit keeps silent.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from book._core.frameworks import ROOT

PINS = ROOT / "constraints.txt"
SAFE, VULNERABLE, UNKNOWN = 0, 1, 3


def main(arguments: list[str] | None = None) -> int:
    """0 if no pin is known to be vulnerable, 1 if one is, 3 if --strict and that is not known."""
    parser = argparse.ArgumentParser(prog="nox -s audit --", description=__doc__)
    parser.add_argument(
        "--strict", action="store_true", help="end badly if the database does not answer"
    )
    strict = parser.parse_args(arguments).strict
    pins, why = ask(PINS)
    vulnerable = [problem(pin, each) for pin in pins for each in pin.get("vulns", [])]
    unknown = [f"{pin['name']}: {pin['skip_reason']}" for pin in pins if "skip_reason" in pin]
    if vulnerable:
        print("\n".join(vulnerable))
        print(f"{len(vulnerable)} known vulnerabilities; nox -s lock renews the pins")
        return VULNERABLE
    if unknown or not pins:
        known = f"knew {len(pins) - len(unknown)} of {len(pins)} pins" if pins else "did not answer"
        print(f"NOT AUDITED: the vulnerability database {known}. {unknown[0] if unknown else why}")
        return UNKNOWN if strict else SAFE
    print(f"{len(pins)} pins, no known vulnerability")
    return SAFE


def ask(pins: Path) -> tuple[list[dict], str]:
    """What pip-audit reports of each pin; nothing, and what it said last, if it broke off."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            *(sys.executable, "-m", "pip_audit", "--vulnerability-service=osv"),
            *("--require-hashes", "--disable-pip", f"--requirement={pins}"),
            *("--progress-spinner=off", "--format=json", f"--output={report}"),
        ]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if not report.exists():
            return [], (done.stderr.strip().splitlines() or ["pip-audit said nothing"])[-1]
        return json.loads(report.read_text("utf-8"))["dependencies"], ""


def problem(pin: dict, vulnerability: dict) -> str:
    fixed = ", ".join(vulnerability["fix_versions"]) or "no version yet"
    return f"{pin['name']} {pin['version']}: {vulnerability['id']}, mended in {fixed}"


if __name__ == "__main__":
    sys.exit(main())
