"""An HTML page on paper: nothing over the text, nothing folded, nothing twice."""

from book._tools.gates.bench import Bench
from book._tools.gates.gate import gate
from book._tools.gates.outcome import Finding, Result, count

# What a printed page would show wrongly. What is fixed on the screen stands on every sheet.
LOOK = """() => {
  const seen = (element) => {
    const { width, height } = element.getBoundingClientRect();
    return width > 0 && height > 0 && element.checkVisibility({ visibilityProperty: true });
  };
  const name = (element) => [element.localName, ...element.classList].join(".");
  const faults = [];
  for (const element of document.body.querySelectorAll("*")) {
    if (seen(element) && getComputedStyle(element).position === "fixed") {
      faults.push([name(element), "stands on each sheet in the same place"]);
    }
  }
  for (const fold of document.querySelectorAll("details")) {
    const hidden = [...fold.children].some((child) => !seen(child));
    if (fold.matches(".programs")) {
      if (seen(fold)) faults.push([name(fold), "is printed, and repeats the listings"]);
    } else if (hidden) faults.push([name(fold), "is folded, and paper cannot unfold it"]);
  }
  return faults;
}"""


@gate("paper", bar="0 faults")
def paper(bench: Bench) -> Result:
    """Every page as it is printed: nothing covers the text, nothing is folded away."""

    async def visit(name: str) -> list[Finding]:
        async with bench.page() as page:
            await page.goto(bench.url(name))
            await page.emulate_media(media="print")
            return [Finding(name, where, what) for where, what in await page.evaluate(LOOK)]

    visits = bench.each(bench.pages, visit)
    findings = [finding for each in visits.values() for finding in each]
    return Result(f"{count(findings, 'fault')} on {len(visits)} pages", findings)
