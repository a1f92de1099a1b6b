"""What a browser does with these answers; the gate `browser` takes these steps in each framework."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Page

HEAR = """() => new Promise(resolve => {
    const heard = [];
    const source = new EventSource("/orders/7/steps");
    source.addEventListener("step", event => heard.push(event.lastEventId));
    source.onerror = () => {
        heard.push(source.readyState);
        if (source.readyState === EventSource.CLOSED) resolve(heard);
    };
})"""
POST = """([path, theme]) => fetch(
    path, {method: "POST", body: new URLSearchParams(theme), redirect: "manual"}
)"""
HOST = "address => new URL(address, location).host"
RECONNECTING, CLOSED = 0, 2


async def an_event_source_hears_all_and_stops(page: "Page", origin: str) -> None:
    """`EventSource` hears three events, comes back when the answer ends, and stops at the 204"""
    await page.goto(f"{origin}/greeting")
    assert await page.evaluate(HEAR) == ["packed", "sent", "delivered", RECONNECTING, CLOSED]


async def the_cookie_is_kept_and_deleted(page: "Page", origin: str) -> None:
    """The cookie is there after `POST /theme`, hidden from scripts, and gone after the reset"""
    await page.goto(f"{origin}/greeting")
    await page.evaluate(POST, ["/theme", {"theme": "dark"}])
    (cookie,) = await page.context.cookies()
    assert (cookie["name"], cookie["value"]) == ("theme", "dark")
    assert cookie["httpOnly"]
    assert cookie["secure"]
    assert cookie["sameSite"] == "Lax"
    assert await page.evaluate("document.cookie") == ""
    await page.evaluate(POST, ["/theme/reset", {}])
    assert await page.context.cookies() == []


async def a_browser_reads_a_backslash_as_a_slash(page: "Page", origin: str) -> None:
    r"""`/\evil.example/`, and a tab between two slashes, lead to another site"""
    await page.goto(f"{origin}/greeting")
    for address in ("//evil.example/", "/\\evil.example/", "/\t/evil.example/"):
        assert await page.evaluate(HOST, address) == "evil.example"


async def a_browser_refuses_nan(page: "Page", origin: str) -> None:
    """`JSON.parse` refuses `NaN`"""
    await page.goto(f"{origin}/greeting")
    refused = "try { JSON.parse('{\"value\": NaN}') } catch (error) { error.name }"
    assert await page.evaluate(refused) == "SyntaxError"


async def the_download_has_its_name(page: "Page", origin: str) -> None:
    """The file is kept as `Catalogue d'été.txt`"""
    await page.goto(f"{origin}/greeting")
    async with page.expect_download() as kept:
        await page.evaluate("location.assign('/catalogue')")
    assert (await kept.value).suggested_filename == "Catalogue d'été.txt"
