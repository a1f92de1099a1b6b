"""axe-core on every page: light and dark, wide and narrow, and with all panels open."""

from collections.abc import AsyncIterator
from typing import Any, Literal

from playwright.async_api import Page

from . import tools
from .bench import Bench
from .gate import Finding, Result, count, gate

WIDTHS = {1280: 900, 390: 844}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
RUN = "options => axe.run(document, {resultTypes: ['violations'], ...options})"
# A page has thousands of code tokens in a few dozen colours. One token of each kind keeps
# its element, the others become plain text: axe then needs seconds instead of minutes.
THIN = """() => {
  const kinds = new Set();
  for (const token of document.querySelectorAll("pre span[class]:not(:has(*))")) {
    const chain = [];
    for (let at = token; at && at.localName !== "section"; at = at.parentElement) {
      chain.push(at.className);
    }
    const kind = chain.join("|");
    if (kinds.has(kind)) token.replaceWith(token.textContent);
    kinds.add(kind);
  }
}"""
# Panels that are closed hide their colours from axe, so each page is also looked at with
# its comparisons as columns, where all of them show.
COLUMNS = "() => { document.documentElement.dataset.view = 'columns' }"
# All that a colour scheme changes is colours: the other rules look once, in light.
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
RULES: dict[str, dict[str, Any]] = {"light": {}, "dark": CONTRAST}


def judge(page: str, view: str, report: dict[str, Any]) -> list[Finding]:
    """What axe found in one view of a page, one finding per element."""
    return [
        Finding(page, f"{view}, {' '.join(map(str, node['target']))}", what(violation, node))
        for violation in report["violations"]
        for node in violation["nodes"]
    ]


def what(violation: dict[str, Any], node: dict[str, Any]) -> str:
    """The rule, what it asks for, and the reason why this element fails it."""
    checks = [*node.get("any", []), *node.get("all", []), *node.get("none", [])]
    reason = checks[0]["message"] if checks else ""
    return f"{violation['id']} ({violation['help']}) {reason}".strip()


@gate("axe", bar="0 violations")
def axe(bench: Bench) -> Result:
    """axe-core on every page, light and dark, 1280 and 390 px."""
    script = tools.npm_packages(bench.work) / "axe-core" / "axe.min.js"
    source = script.read_text(encoding="utf-8")

    async def visit(name: str) -> list[Finding]:
        async with bench.page(reduced_motion="reduce") as page:
            await page.goto(bench.url(name))
            await page.evaluate(source)
            await page.evaluate(THIN)
            return [finding async for finding in looks(name, page)]

    visits = bench.each(bench.pages, visit)
    findings = [finding for each in visits.values() for finding in each]
    return Result(f"{count(findings, 'violation')} on {len(visits)} pages", findings)


async def looks(name: str, page: Page) -> AsyncIterator[Finding]:
    """Findings of each view of a loaded page."""
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        for width, height in WIDTHS.items():
            await page.set_viewport_size({"width": width, "height": height})
            report = await page.evaluate(RUN, RULES[scheme])
            for finding in judge(name, f"{scheme} {width}", report):
                yield finding
    if await page.locator(".sphinx-tabs").count() == 0:
        return
    await page.set_viewport_size({"width": 1920, "height": 1080})
    await page.evaluate(COLUMNS)
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        for finding in judge(name, f"{scheme} columns", await page.evaluate(RUN, CONTRAST)):
            yield finding
