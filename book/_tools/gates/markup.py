"""The Nu HTML checker on every page."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from book._tools.gates import tools
from book._tools.gates.bench import Bench
from book._tools.gates.gate import gate
from book._tools.gates.outcome import Finding, Result, count


def judge(report: dict[str, Any], root: Path) -> list[Finding]:
    """The errors in a report of the checker. Its warnings and infos are style."""
    findings = []
    for message in report["messages"]:
        if message["type"] == "info":
            continue
        path = Path(unquote(urlsplit(message.get("url", "")).path))
        page = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
        line = f"line {message['lastLine']}" if "lastLine" in message else ""
        where = " ".join([line, *message.get("extract", "").split()]).strip()
        findings.append(Finding(page, where, message["message"]))
    return findings


@gate("html", bar="0 errors", beside=True)
def html(bench: Bench) -> Result:
    """The Nu HTML checker on every page."""
    java = tools.program("java")
    jar = tools.npm_packages(bench.work) / "vnu-jar" / "build" / "dist" / "vnu.jar"
    root = bench.html.resolve()
    options = ["--format", "json", "--exit-zero-always", "--stdout", "--errors-only"]
    files = [str(root / page) for page in bench.pages]
    done = tools.run(
        [java, "-jar", str(jar.resolve()), *options, *files], work=bench.work, timeout=600
    )
    findings = judge(json.loads(done.stdout), root)
    return Result(f"{count(findings, 'error')} on {len(files)} pages", findings)
