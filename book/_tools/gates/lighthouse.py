"""Lighthouse on three pages, as a phone and as a desktop."""

import json
from pathlib import Path
from statistics import median
from typing import Any

from book._tools.gates import tools
from book._tools.gates.bench import Bench
from book._tools.gates.comparisons import chosen
from book._tools.gates.gate import gate
from book._tools.gates.outcome import Broken, Finding, Result
from book._tools.gates.table import is_ci

DECIDING = ("accessibility", "best-practices", "seo")
ALL = (*DECIDING, "performance")
PERFORMANCE = 95
# Performance is a median; a build server, whose speed decides nothing, measures it once.
RUNS = 1 if is_ci() else 3
DEVICES: dict[str, list[str]] = {"mobile": [], "desktop": ["--preset=desktop"]}


def judge(page: str, device: str, report: dict[str, Any]) -> list[Finding]:
    """The audits that keep one of the deciding categories below 100."""
    if error := report.get("runtimeError"):
        return [Finding(page, device, error["message"])]
    findings = []
    for name in DECIDING:
        category = report["categories"][name]
        if category["score"] == 1:
            continue
        score = f"{100 * (category['score'] or 0):.0f}"
        for reference in category["auditRefs"]:
            audit = report["audits"][reference["id"]]
            if reference["weight"] and audit["score"] not in (None, 1):
                what = f"{name} {score}: {audit['id']} ({audit['title']}) {evidence(audit)}"
                findings.append(Finding(page, device, what.strip()))
    return findings


def evidence(audit: dict[str, Any]) -> str:
    """The first thing that an audit objects to: an element, an address or a message."""
    items = audit.get("details", {}).get("items", [])
    if not items:
        return ""
    node = items[0].get("node", {})
    said = [
        node.get("snippet"),
        node.get("explanation"),
        items[0].get("description"),
        items[0].get("sourceLocation", {}).get("url"),
    ]
    return " ".join(" ".join(part for part in said if part).split())


@gate("lighthouse", bar="100 100 100", beside=True)
def lighthouse(bench: Bench) -> Result:
    """Lighthouse: accessibility, best practices, SEO; performance is only recorded."""
    node, browser = tools.program("node"), tools.program("chromium")
    script = tools.npm_packages(bench.work) / "lighthouse" / "cli" / "index.js"
    command = [node, str(script.absolute())]
    environment = tools.home(bench.work) | {"CHROME_PATH": browser}
    findings: list[Finding] = []
    speed: dict[str, float] = {}
    lowest = dict.fromkeys(DECIDING, 100)
    for page in chosen(bench):
        for device, options in DEVICES.items():
            report = audit(bench, [*command, *options], environment, page, ALL)
            findings += judge(page, device, report)
            for name in DECIDING:
                score = round(100 * (report["categories"][name]["score"] or 0))
                lowest[name] = min(lowest[name], score)
            runs = [report] + [
                audit(bench, [*command, *options], environment, page, ALL[-1:])
                for _ in range(RUNS - 1)
            ]
            scores = [run["categories"]["performance"]["score"] or 0 for run in runs]
            speed[f"{page} {device}"] = round(100 * median(scores))
    figure = " ".join(map(str, lowest.values()))
    notes = [slow for name, score in speed.items() if (slow := too_slow(name, score))]
    figure += f", performance {min(speed.values()):.0f}" if speed else ""
    return Result(figure, findings, {"performance": speed, "lowest": lowest}, notes)


def too_slow(name: str, score: float) -> str:
    """A note on a page whose performance is below the bar. It depends too much on how
    busy the machine is to decide anything."""
    return f"performance {score:.0f}, wanted {PERFORMANCE}: {name}" if score < PERFORMANCE else ""


def audit(
    bench: Bench,
    command: list[str],
    environment: dict[str, str],
    page: str,
    categories: tuple[str, ...],
) -> dict[str, Any]:
    """One run of Lighthouse in a Chromium of its own; gives its report."""
    out = Path(bench.work.absolute(), "lighthouse.json")
    out.unlink(missing_ok=True)
    flags = " ".join(tools.CHROMIUM_FLAGS)
    options = [
        "--quiet",
        "--no-enable-error-reporting",
        "--output=json",
        f"--output-path={out}",
        f"--only-categories={','.join(categories)}",
        f"--chrome-flags={flags}",
    ]
    done = tools.run(
        [*command, bench.url(page), *options],
        work=bench.work,
        timeout=180,
        environment=environment,
    )
    if not out.is_file():
        raise Broken(f"Lighthouse wrote no report: {done.stderr.strip()[-500:]}")
    return json.loads(out.read_text(encoding="utf-8"))
