"""Layout shift for a reader whose choice of framework is remembered."""

import asyncio

from playwright.async_api import Page, Route

from book._tools.gates.bench import Bench
from book._tools.gates.comparisons import chapters
from book._tools.gates.gate import gate
from book._tools.gates.outcome import Finding, Result

LIMIT = 0.01
VIEWS = {"wide": (1280, 900), "phone": (390, 844)}
# The last of the three is never what a page shows without a choice.
REMEMBER = """
localStorage.setItem("framework", "django");
window.shifts = [];
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) {
    if (!entry.hadRecentInput) {
      window.shifts.push({
        value: entry.value,
        nodes: entry.sources.map(({node}) => node?.nodeName + "." + (node?.className ?? "")),
      });
    }
  }
}).observe({type: "layout-shift", buffered: true});
"""
# Where the first comparison is: a reader who follows a link to it sees it from the start.
ANCHOR = "() => document.querySelector('.compare')?.closest('section')?.id ?? ''"


def judge(page: str, view: str, shifts: list[dict]) -> tuple[float, list[Finding]]:
    """The sum of a page's shifts, and a finding if that is too much."""
    total = sum(shift["value"] for shift in shifts)
    if total < LIMIT:
        return total, []
    worst = max(shifts, key=lambda shift: shift["value"])
    return total, [Finding(page, view, f"{total:.4f}, moved: {', '.join(worst['nodes'])}")]


@gate("shift", bar=f"< {LIMIT}")
def shift(bench: Bench) -> Result:
    """Layout shift with a saved framework, at the top and at the first comparison."""

    async def visit(name: str) -> list[tuple[float, list[Finding]]]:
        found = []
        for view, (width, height) in VIEWS.items():
            async with bench.page(viewport={"width": width, "height": height}) as page:
                await page.add_init_script(REMEMBER)
                await page.route("**/*.js*", late)
                found.append(judge(name, view, await measured(page, bench.url(name))))
                anchor = await page.evaluate(ANCHOR)
                await page.goto("about:blank")
                where = f"{view} at #{anchor}"
                found.append(
                    judge(name, where, await measured(page, f"{bench.url(name)}#{anchor}"))
                )
        return found

    measures = [each for visit in bench.each(chapters(bench), visit).values() for each in visit]
    worst = max((total for total, _ in measures), default=0)
    findings = [finding for _, each in measures for finding in each]
    return Result(
        f"at most {worst:.4f} on {len(chapters(bench))} pages", findings, {"worst": worst}
    )


async def late(route: Route) -> None:
    """Let scripts come late, so that the page has been painted before they run."""
    await asyncio.sleep(0.2)
    await route.continue_()


async def measured(page: Page, url: str) -> list[dict]:
    """The shifts of a page while it loads and shortly after."""
    await page.goto(url, wait_until="load")
    await page.wait_for_timeout(300)
    return await page.evaluate("window.shifts")
