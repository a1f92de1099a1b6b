"""What a reader does in a browser; the gate `browser` takes these steps in each framework."""

import asyncio
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Page, WebSocketRoute

SOCKET = re.compile("/ws/books/1$")
PAUSES = """
    window.pauses = [];
    Math.random = () => CHANCE;
    const later = window.setTimeout;
    window.setTimeout = (call, pause) => {
        window.pauses.push(pause);
        if (window.pauses.length < 9) later(call);
    };
"""
FRAME = """() => new Promise((resolve) => {
    const frame = document.createElement("iframe");
    frame.sandbox = "allow-scripts";
    frame.srcdoc = "<title>elsewhere</title>";
    frame.onload = resolve;
    document.body.append(frame);
})"""
OPEN = """(address) => new Promise((resolve) => {
    const socket = new WebSocket(address);
    socket.onopen = () => resolve("opened");
    socket.onclose = (event) => resolve(event.code);
})"""


async def entered(page: "Page", origin: str, name: str) -> None:
    """Open the page and take a name."""
    await page.goto(origin)
    await page.get_by_label("Name").fill(name)
    await page.get_by_role("button", name="Enter").click()
    await page.get_by_text(f"connected as {name}").wait_for()


async def said(page: "Page", text: str) -> None:
    await page.get_by_label("Message").fill(text)
    await page.get_by_role("button", name="Say").click()


async def rows(page: "Page") -> list[str]:
    return await page.locator("ol li").all_inner_texts()


async def what_one_page_says_another_shows(page: "Page", origin: str) -> None:
    """What is said on one page appears on another, as text"""
    browser = page.context.browser
    assert browser
    await entered(page, origin, "Ann")
    context = await browser.new_context()
    try:
        other = await context.new_page()
        await entered(other, origin, "Bob")
        await said(page, "<b>hi</b>")
        await other.get_by_text("Ann: <b>hi</b>").wait_for()
        assert await rows(other) == ["Ann: <b>hi</b>"]
        assert await rows(page) == ["Ann: <b>hi</b>"]
        sale = await page.context.request.post(f"{origin}/books/1/sold")
        assert sale.status == 204
        await other.get_by_text("Sold!").wait_for()
    finally:
        await context.close()


async def a_taken_name_is_said(page: "Page", origin: str) -> None:
    """A name that somebody has is refused, and the page says so"""
    await entered(page, origin, "Cleo")
    await page.context.clear_cookies()
    await page.goto(origin)
    await page.get_by_label("Name").fill("Cleo")
    await page.get_by_role("button", name="Enter").click()
    await page.get_by_text("This name is taken.").wait_for()


async def what_is_typed_while_the_line_is_cut_is_said_later(page: "Page", origin: str) -> None:
    """The line is cut; what is typed meanwhile is said once it is mended, in its order"""
    lines: list[WebSocketRoute] = []
    broken = False

    async def line(route: "WebSocketRoute") -> None:
        lines.append(route)
        if broken:
            await route.close(code=1012)
        else:
            route.connect_to_server()

    await page.route_web_socket(SOCKET, line)
    await entered(page, origin, "Dora")
    broken = True
    await lines[-1].close(code=1012)
    await page.get_by_text("not connected").wait_for()
    await said(page, "one")
    await said(page, "two")
    assert await rows(page) == []
    broken = False
    await page.get_by_text("Dora: two").wait_for()
    assert await rows(page) == ["You may have missed something.", "Dora: one", "Dora: two"]


async def what_nobody_has_heard_is_said_again(page: "Page", origin: str) -> None:
    """A message that left the page but came back from nowhere is sent again"""
    sent: list[str | bytes] = []

    async def line(route: "WebSocketRoute") -> None:
        server = route.connect_to_server()

        async def swallow(message: "str | bytes") -> None:
            sent.append(message)
            if len(sent) == 1:
                await route.close(code=1012)
            else:
                server.send(message)

        route.on_message(swallow)

    await page.route_web_socket(SOCKET, line)
    await entered(page, origin, "Emil")
    await said(page, "again")
    await page.get_by_text("Emil: again").wait_for()
    assert sent == ['{"text":"again"}'] * 2


async def what_is_refused_is_not_said_again(page: "Page", origin: str) -> None:
    """A message for which the server hangs up with 1007 or 1009 is given up"""
    codes = [1007, 1009]
    sent: list[str | bytes] = []

    async def line(route: "WebSocketRoute") -> None:
        server = route.connect_to_server()

        async def refuse(message: "str | bytes") -> None:
            sent.append(message)
            if codes:
                await route.close(code=codes.pop(0))
            else:
                server.send(message)

        route.on_message(refuse)

    await page.route_web_socket(SOCKET, line)
    await entered(page, origin, "Fay")
    for text in ("bad", "big", "good"):
        await said(page, text)
    await page.get_by_text("Fay: good").wait_for()
    assert sent == ['{"text":"bad"}', '{"text":"big"}', '{"text":"good"}']


async def pauses(page: "Page", origin: str, chance: str) -> list[float]:
    """How long the page waits before each attempt, while the server is away."""

    async def away(route: "WebSocketRoute") -> None:
        await route.close(code=1012)

    await page.add_init_script(PAUSES.replace("CHANCE", chance))
    await page.route_web_socket(SOCKET, away)
    await page.goto(origin)
    await page.wait_for_function("window.pauses.length === 9")
    return await page.evaluate("window.pauses")


async def pauses_grow_up_to_30_seconds(page: "Page", origin: str) -> None:
    """Each pause before a new attempt is twice the last, from 0.5 to 30 seconds"""
    found = await pauses(page, origin, "1")
    assert found == [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]


async def chance_makes_pauses_shorter_by_up_to_half(page: "Page", origin: str) -> None:
    """Chance makes a pause shorter, by up to half"""
    found = await pauses(page, origin, "0")
    assert found == [250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]


@asynccontextmanager
async def listener() -> "AsyncIterator[tuple[str, list[str]]]":
    """An address on this machine, and the heads of the requests that come there."""
    heads: list[str] = []

    async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append((await reader.readuntil(b"\r\n\r\n")).decode().lower())
        writer.close()

    server = await asyncio.start_server(note, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", heads


async def session_cookie(page: "Page") -> str:
    names = [cookie.get("name", "") for cookie in await page.context.cookies()]
    return next(name for name in names if name.startswith("session"))


async def a_strange_page_may_open_a_socket_but_sends_no_lax_cookie(
    page: "Page", origin: str
) -> None:
    """A sandboxed frame, which counts as another site, opens a socket without the Lax cookie"""
    await entered(page, origin, "Gil")
    await page.evaluate(FRAME)
    [_, frame] = page.frames
    async with listener() as (address, heads):
        await frame.evaluate(OPEN, f"ws://{address}/")
    assert "origin: null\r\n" in heads[0]
    assert await session_cookie(page) not in heads[0]
    assert await frame.evaluate(OPEN, f"ws{origin.removeprefix('http')}/ws/books/1") == 1006


async def another_port_of_the_host_sends_the_cookie(page: "Page", origin: str) -> None:
    """To another port of the same host, the browser sends the `SameSite=Lax` cookie along"""
    await entered(page, origin, "Hal")
    async with listener() as (address, heads):
        await page.evaluate(OPEN, f"ws://{address}/")
    assert f"origin: {origin}\r\n" in heads[0]
    assert f"{await session_cookie(page)}=" in heads[0]
