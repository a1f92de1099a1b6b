"""What a script of another origin can do in a browser; the gate `browser` takes these steps."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Page, Route

ALLOWED = "https://app.example/"
ELSEWHERE = "https://elsewhere.example/"
ASK = """async ([url, headers]) => {
    try {
        const answer = await fetch(url, {headers});
        return [answer.status, answer.headers.get("X-Request-ID"), answer.headers.get("X-Process-Time")];
    } catch (error) {
        return [error.name];
    }
}"""


async def asks(page: "Page", site: str, url: str, headers: dict[str, str]) -> tuple[list, str]:
    """What a script on a page of this site gets from the shop: status, id and time, or an error.

    And what the browser says about it on its console.
    """
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))

    async def show(route: "Route") -> None:
        await route.fulfill(content_type="text/html", body="<link rel=icon href=data:,>A page")

    await page.route(site, show)
    await page.goto(site)
    # Playwright would answer preflights itself as long as it looks at requests.
    await page.unroute(site)
    # The shop is on this machine, which browsers ask their user about.
    await page.context.grant_permissions(["local-network-access"], origin=site)
    return await page.evaluate(ASK, [url, headers]), " ".join(said)


async def an_allowed_origin_reads_the_answer_and_its_id(page: "Page", origin: str) -> None:
    """A script of the allowed origin sends an id, which takes a preflight, and reads it; the time it may not read"""
    got, _ = await asks(page, ALLOWED, f"{origin}/books/1", {"X-Request-ID": "ada-0001"})
    assert got == [200, "ada-0001", None]


async def an_allowed_origin_reads_a_500(page: "Page", origin: str) -> None:
    """A script of the allowed origin reads the status of an unhandled error, and its id"""
    got, _ = await asks(page, ALLOWED, f"{origin}/books/3", {"X-Request-ID": "ada-0001"})
    assert got == [500, "ada-0001", None]


async def another_header_is_refused(page: "Page", origin: str) -> None:
    """A script of the allowed origin that sends a header which is not allowed gets an error"""
    got, said = await asks(page, ALLOWED, f"{origin}/books/1", {"X-Other": "1"})
    assert got == ["TypeError"]
    assert "blocked by CORS policy" in said
    assert "preflight" in said


async def another_origin_reads_nothing(page: "Page", origin: str) -> None:
    """A script of another origin gets an error, with a preflight and without"""
    for headers in ({"X-Request-ID": "ada-0001"}, {}):
        got, said = await asks(page, ELSEWHERE, f"{origin}/books/1", headers)
        assert got == ["TypeError"]
        assert "No 'Access-Control-Allow-Origin' header is present" in said
