"""axe-core on every page: light and dark, wide and narrow, and with all panels open."""

from dataclasses import dataclass
from typing import Any, Literal

from playwright.async_api import Page

from book._tools.gates import tools
from book._tools.gates.bench import Bench
from book._tools.gates.comparisons import chapters, chosen
from book._tools.gates.gate import gate
from book._tools.gates.outcome import Finding, Result, count

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
# Panels that are closed hide their colours from axe: as columns, all of them show.
COLUMNS = """columns => {
  document.querySelector(`.chooser [name=${columns ? "all" : "flask"}]`)?.click();
}"""
# All that a colour scheme changes is colours: the other rules look once, in light.
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}


@dataclass(frozen=True)
class View:
    """One way to look at a page."""

    scheme: Literal["light", "dark"]
    width: int
    columns: bool = False

    def __str__(self) -> str:
        return f"{self.scheme} {'columns' if self.columns else self.width}"

    @property
    def rules(self) -> dict[str, Any]:
        return CONTRAST if self.scheme == "dark" else {}


HEIGHTS = {390: 844, 1280: 900, 1920: 1080}
TABS = [View("light", 1280), View("light", 390), View("dark", 1280), View("dark", 390)]
SIDE_BY_SIDE = [View("light", 1920, columns=True), View("dark", 1920, columns=True)]
PHONE = View("light", 390)


def views(page: str, comparisons: list[str], representative: list[str]) -> list[View]:
    """What is around the text is alike on all pages: a few pages are looked at in every view,
    the others in those that show all that is in their text."""
    if page in representative:
        return TABS + SIDE_BY_SIDE
    return [PHONE, *SIDE_BY_SIDE] if page in comparisons else TABS[:3]


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
    """axe-core on every page, light and dark, 1280 and 390 px or as columns."""
    script = tools.npm_packages(bench.work) / "axe-core" / "axe.min.js"
    source = script.read_text(encoding="utf-8")
    representative = chosen(bench)

    async def visit(name: str) -> list[Finding]:
        findings = []
        async with bench.page(reduced_motion="reduce") as page:
            await page.goto(bench.url(name))
            await page.evaluate(source)
            await page.evaluate(THIN)
            for view in views(name, chapters(bench), representative):
                report = await look(page, view)
                findings += judge(name, str(view), report)
        return findings

    visits = bench.each(bench.pages, visit)
    findings = [finding for each in visits.values() for finding in each]
    return Result(f"{count(findings, 'violation')} on {len(visits)} pages", findings)


async def look(page: Page, view: View) -> dict[str, Any]:
    """What axe says of one view of a loaded page."""
    await page.emulate_media(color_scheme=view.scheme)
    await page.set_viewport_size({"width": view.width, "height": HEIGHTS[view.width]})
    await page.evaluate(COLUMNS, view.columns)
    return await page.evaluate(RUN, view.rules)
