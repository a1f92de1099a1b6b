"""A walk through a page by keyboard alone, in a real browser."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, Error, Page, ViewportSize

from book._core.frameworks import FRAMEWORKS
from book._tools.gates.bench import Bench
from book._tools.gates.comparisons import LABELS, LOOK, UNFOLD, chapters
from book._tools.gates.gate import gate
from book._tools.gates.outcome import Finding, NotBuilt, Result

NAMES = list(FRAMEWORKS)
FOCUS = Path(__file__).with_name("keyboard.js").read_text(encoding="utf-8")
STILL = """*, *::before, *::after {
  transition: none !important; animation: none !important; scroll-behavior: auto !important
}"""
WIDE = ViewportSize(width=1920, height=1080)
NARROW = ViewportSize(width=1200, height=900)
"""Too narrow for columns: tabs."""
PHONE = ViewportSize(width=390, height=844)
# furo's drawers, by the names that a screen reader says.
DRAWERS = {"The book": ".sidebar-drawer", "On this page": ".toc-drawer"}
MOST_STOPS = 2000
# The state of the first two lists of tabs, as assistive technology is told of it.
TABS = """() => [...document.querySelectorAll(".compare [role=tablist]")].map((list) =>
  [...list.querySelectorAll("[role=tab]")].map((tab) => ({
    selected: tab.getAttribute("aria-selected"),
    tabindex: tab.tabIndex,
    focused: tab === document.activeElement,
    open: [...document.getElementById(tab.getAttribute("aria-controls")).children]
      .some((part) => part.checkVisibility()),
  })))"""


class Wrong(Exception):
    """A step of the walk did not go as it has to. The message says how."""


def check(holds: bool, what: str) -> None:
    """Stop this step unless it holds."""
    if not holds:
        raise Wrong(what)


def judge_stops(stops: list[dict[str, Any]]) -> list[str]:
    """What is wrong with the places where Tab stopped, from the top of the page."""
    wrong = []
    for stop in stops:
        if not stop["visible"]:
            wrong.append(f"focus on something invisible: {stop['name']}")
        elif not stop["onTop"]:
            wrong.append(f"focus is covered or off the screen: {stop['name']}")
        elif not stop["changes"]:
            wrong.append(f"focus does not show: {stop['name']}")
    lists = [stop["list"] for stop in stops if stop["tab"]]
    if len(lists) != len(set(lists)):
        wrong.append("more than one tab of a list can be reached with Tab")
    return wrong


def judge_tabs(lists: list[list[dict[str, Any]]], chosen: int) -> list[str]:
    """What is wrong with the lists of tabs after tab `chosen` of the first was taken.

    A list of fewer frameworks than three stays as it is."""
    wrong = []
    lists = [tabs for tabs in lists if len(tabs) == len(LABELS)]
    for number, tabs in enumerate(lists):
        for index, tab in enumerate(tabs):
            on = index == chosen
            wanted = {"selected": str(on).lower(), "tabindex": 0 if on else -1, "open": on}
            for key, value in wanted.items():
                if tab[key] != value:
                    wrong.append(f"list {number}, {LABELS[index]}: {key} is {tab[key]}")
    if not lists[0][chosen]["focused"]:
        wrong.append(f"focus is not on {LABELS[chosen]}")
    return wrong


async def goes_round(page: Page) -> None:
    """Tab leads through the page and out of it, and the focus can be seen all the way"""
    for size in (WIDE, NARROW):
        await page.set_viewport_size(size)
        await tab_through(page)


async def tab_through(page: Page) -> None:
    """Press Tab from the top of the page until it has left the page."""
    await page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    stops: list[dict[str, Any]] = []
    for _ in range(MOST_STOPS):
        await page.keyboard.press("Tab")
        stop = await page.evaluate(FOCUS)
        if stop is None or (stops and stop["id"] == stops[0]["id"]):
            break
        check(stop["id"] not in {seen["id"] for seen in stops}, f"trapped at {stop['name']}")
        stops.append(stop)
    else:
        raise Wrong(f"Tab did not leave the page after {MOST_STOPS} stops")
    reached = {stop["list"] for stop in stops if stop["tab"]}
    number = await page.locator("[role=tablist]:visible").count()
    check(len(reached) == number, f"Tab reached {len(reached)} of {number} lists of tabs")
    wrong = judge_stops(stops)
    check(not wrong, "; ".join(dict.fromkeys(wrong)))


async def switches_tabs(page: Page) -> None:
    """Arrows, Home and End take a framework in all comparisons, and it is remembered"""
    await page.set_viewport_size(PHONE)
    first = page.locator(".compare [role=tab]:nth-child(3)").first
    await first.focus()
    await page.keyboard.press("Home")
    keys = ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft", "Home", "End")
    for key, chosen in zip(keys, (1, 2, 0, 2, 0, 2), strict=True):
        await page.keyboard.press(key)
        wrong = judge_tabs(await page.evaluate(TABS), chosen)
        check(not wrong, f"after {key}: {'; '.join(wrong)}")
    await page.reload()
    shown = [panel["label"] for panel in await panels(page) if panel["seen"]]
    check(shown == [LABELS[2]], f"after a reload the first comparison shows {shown}")
    saved = await page.evaluate("localStorage.getItem('framework')")
    check(saved == NAMES[2], f"localStorage.framework is {saved!r}")


async def panels(page: Page) -> list[dict[str, Any]]:
    """The panels of the first comparison of all frameworks."""
    boxes = await page.evaluate(LOOK)
    return next(box["panels"] for box in boxes if len(box["panels"]) == len(LABELS))


async def columns(page: Page) -> tuple[str | None, str | None, int]:
    """The view of the page: as <html> says, as the bar's button says, and how many panels show."""
    view = await page.evaluate("document.documentElement.dataset.view ?? null")
    pressed = await page.locator(".chooser [name=all]").get_attribute("aria-pressed")
    return view, pressed, sum(panel["seen"] for panel in await panels(page))


async def toggles_columns(page: Page) -> None:
    """`c`, and Enter in the bar, lay the frameworks side by side or show one; it is remembered"""
    await page.set_viewport_size(WIDE)
    for key, wanted in (("c", ("tabs", "false", 1)), ("c", ("columns", "true", 3))):
        await page.keyboard.press(key)
        check(await columns(page) == wanted, f"after {key}: {await columns(page)}")
    for name, wanted in (("all", ("columns", "true", 3)), (NAMES[1], ("tabs", "false", 1))):
        await page.locator(f".chooser [name={name}]").focus()
        await page.keyboard.press("Enter")
        check(await columns(page) == wanted, f"after {name}: {await columns(page)}")
        await page.reload()
        check(await columns(page) == wanted, f"{name}, after a reload: {await columns(page)}")
    [shown] = [panel["label"] for panel in await panels(page) if panel["seen"]]
    check(shown == LABELS[1], f"{LABELS[1]} was chosen, and {shown} shows")


async def opens_contents(page: Page) -> None:
    """Beside columns "On this page" opens from the bar, and Escape closes it"""
    await page.set_viewport_size(WIDE)
    await page.locator(".chooser [name=all]").focus()
    await page.keyboard.press("Enter")
    await page.locator(".contents-button").focus()
    contents = page.locator("#page-contents")
    await page.keyboard.press("Enter")
    check(await contents.is_visible(), "Enter does not open it")
    await page.keyboard.press("Escape")
    check(not await contents.is_visible(), "Escape does not close it")


async def filters_differences(page: Page) -> None:
    """Enter on a pair leaves the rows in which these two differ; a row has a link of its own"""
    rows = page.locator("table.differences tbody tr")
    if not await rows.count():
        return
    button = page.locator(".pair-filter button").nth(1)
    await button.focus()
    await page.keyboard.press("Enter")
    for row in await page.locator("table.differences tbody tr:not(:has(.variant))").all():
        one, other = [
            (await row.locator("td").nth(at).text_content() or "").replace("\N{NOT EQUAL TO} ", "")
            for at in (1, 2)
        ]
        if one != other:
            check(await row.is_visible(), f"not shown although they answer {one!r} and {other!r}")
        elif await row.is_visible():
            below = row.locator("xpath=following-sibling::tr[1]")
            check(await below.locator(".variant").count() > 0, f"shown although both say {one!r}")
    await page.locator(".pair-filter button").first.focus()
    await page.keyboard.press("Enter")
    link = page.locator(".diff-link").first
    await link.focus()
    await page.keyboard.press("Enter")
    check("#diff-" in page.url, f"the link of a row leads to {page.url}")


async def types_into_search(page: Page) -> None:
    """`/` or Ctrl+K goes to the search, where the letter `c` is only a letter, and Enter finds"""
    focused = "document.activeElement.matches('input[name=q], input[type=search]')"
    for key in ("/", "Control+k"):
        await page.keyboard.press(key)
        if await page.evaluate(focused):
            break
    check(await page.evaluate(focused), "neither / nor Ctrl+K focuses the search")
    before = await page.evaluate("document.documentElement.dataset.view ?? null")
    await page.keyboard.type("c")
    after = await page.evaluate("document.documentElement.dataset.view ?? null")
    check(before == after, "c in the search field changes the view")
    await page.keyboard.press("Backspace")
    title = await page.locator("h1").first.evaluate("h1 => h1.firstChild.textContent.trim()")
    await page.keyboard.type(title)
    await page.keyboard.press("Enter")
    results = page.locator("#search-results ul.search li, .search-results li").first
    await results.wait_for(timeout=15_000)


async def copies_code(page: Page) -> None:
    """Enter on a copy button puts the code on the clipboard"""
    button = page.locator(".compare .copybtn:visible").first
    await button.focus()
    block = button.locator("xpath=ancestor::div[contains(@class, 'highlight')][1]//pre").first
    code = await block.inner_text()
    await page.keyboard.press("Enter")
    await page.wait_for_timeout(200)
    copied = await page.evaluate("navigator.clipboard.readText()")
    check(copied.strip() == code.strip(), f"copied {copied[:60]!r} instead of {code[:60]!r}")


async def opens_drawers(page: Page) -> None:
    """On a phone the chapters and the page's contents open by keyboard, and Escape closes them"""
    await page.set_viewport_size(PHONE)
    inside = "drawer => document.querySelector(drawer).contains(document.activeElement)"
    for name, drawer in DRAWERS.items():
        button = page.get_by_role("button", name=name, exact=True).first
        check(not await page.locator(drawer).is_visible(), f"{drawer} is open from the start")
        await button.focus()
        await page.keyboard.press("Enter")
        check(await page.evaluate(inside, drawer), f"Enter does not lead into {drawer}")
        check(await button.get_attribute("aria-expanded") == "true", f"{name}: not expanded")
        await page.keyboard.press("Escape")
        focused = await button.evaluate("button => button === document.activeElement")
        check(focused, f"Escape does not lead back to the button '{name}'")
        check(not await page.locator(drawer).is_visible(), f"Escape does not close {drawer}")


STEPS: tuple[Callable[[Page], Awaitable[None]], ...] = (
    goes_round,
    switches_tabs,
    toggles_columns,
    opens_contents,
    filters_differences,
    opens_drawers,
    copies_code,
    types_into_search,
)


def walked(bench: Bench) -> str:
    """The page with most comparisons among those that are not the longest."""
    found = chapters(bench)
    if not found:
        raise NotBuilt(bench.html / "a page with a comparison")
    return found[len(found) // 2]


@gate("keyboard", bar="all steps")
def keyboard(bench: Bench) -> Result:
    """A walk through a page by keyboard alone."""
    name = walked(bench)
    findings: list[Finding] = []

    async def visit(name: str) -> None:
        for step in STEPS:
            async with bench.context(viewport={"width": 1280, "height": 900}) as context:
                if why := await walk(context, bench.url(name), step):
                    findings.append(Finding(name, (step.__doc__ or "").strip(), why))

    bench.each([name], visit)
    return Result(f"{len(STEPS) - len(findings)} of {len(STEPS)} steps on {name}", findings)


async def walk(context: BrowserContext, url: str, step: Callable[[Page], Awaitable[None]]) -> str:
    """Take one step on a fresh page; gives what went wrong."""
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = await context.new_page()
    await page.goto(url)
    # A list of tabs inside a fold can be reached once a reader has opened the fold.
    await page.evaluate(UNFOLD)
    await page.add_style_tag(content=STILL)
    try:
        await step(page)
    except (Wrong, Error) as error:
        return str(error)
    return ""
