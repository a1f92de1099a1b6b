"""What a reader does in a browser; the gate `browser` takes these steps in each framework."""

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Page, Response, Route

ELSEWHERE = "http://elsewhere.example/"


async def rows(page: "Page") -> list[str]:
    return [" ".join(text.split()) for text in await page.locator("#rows li").all_inner_texts()]


async def typed(page: "Page", text: str) -> "Response":
    """Type one letter and wait for what the script hears."""
    async with page.expect_response("**/books?q=*") as answer:
        await page.locator("input[name=q]").press_sequentially(text)
    return await answer.value


async def the_rows_follow_what_is_typed(page: "Page", origin: str) -> None:
    """Each letter that is typed into the search changes the rows, and nothing else of the page"""
    await page.goto(f"{origin}/books")
    assert await rows(page) == ["Dune 9.90 €", "War & Peace 1,250.00 €"]
    await page.evaluate("window.stillHere = true")
    answer = await typed(page, "W")
    assert "<html" not in await answer.text()
    await page.locator("mark").wait_for()
    assert await rows(page) == ["War & Peace 1,250.00 €"]
    assert await page.locator("mark").all_inner_texts() == ["W"]
    await typed(page, "<")
    await page.get_by_text("No title contains").wait_for()
    assert await rows(page) == ["No title contains W<."]
    assert await page.evaluate("window.stillHere")


async def a_late_answer_changes_nothing(page: "Page", origin: str) -> None:
    """The answer to `D` comes after the answer to `Dx`, and the rows stay those of `Dx`"""
    released = asyncio.Event()

    async def hold(route: "Route") -> None:
        await released.wait()
        await route.continue_()

    await page.route("**/books?q=D", hold)
    await page.goto(f"{origin}/books")
    search = page.locator("input[name=q]")
    async with page.expect_response("**/books?q=D") as late:
        await search.press_sequentially("D")
        await typed(page, "x")
        await page.get_by_text("No title contains Dx.").wait_for()
        released.set()
    assert "Dune" in (await (await late.value).text()).replace("<mark>D</mark>", "D")
    await page.wait_for_timeout(200)
    assert await rows(page) == ["No title contains Dx."]


async def the_search_needs_no_script(page: "Page", origin: str) -> None:
    """Without JavaScript, Enter asks for the page of what was typed"""
    browser = page.context.browser
    assert browser
    context = await browser.new_context(java_script_enabled=False)
    try:
        plain = await context.new_page()
        await plain.goto(f"{origin}/books")
        await plain.locator("input[name=q]").fill("Dune")
        await plain.keyboard.press("Enter")
        await plain.wait_for_url("**/books?q=Dune")
        assert await rows(plain) == ["Dune 9.90 €"]
    finally:
        await context.close()


async def a_review_is_shown_with_thanks(page: "Page", origin: str) -> None:
    """The form is sent, its page thanks once, and what was written is text"""
    await page.goto(f"{origin}/books/1")
    await page.get_by_label("Review").fill("<b>Long</b>")
    await page.get_by_role("button", name="Send").click()
    await page.get_by_role("status").wait_for()
    assert page.url == f"{origin}/books/1"
    assert await page.get_by_role("status").all_inner_texts() == ["Thank you for reviewing Dune."]
    assert await page.get_by_text("<b>Long</b>").count() == 1
    await page.reload()
    assert await page.get_by_role("status").count() == 0
    assert await page.get_by_text("<b>Long</b>").count() == 1


async def a_form_on_another_site_is_refused(page: "Page", origin: str) -> None:
    """A form that another site shows is answered with 400 or 403"""
    form = f'<form method="post" action="{origin}/books/1/reviews"><input name="text" value="spam">'
    await page.goto(f"{origin}/books/1")

    async def show(route: "Route") -> None:
        await route.fulfill(content_type="text/html", body=f"{form}<button>Win</button></form>")

    await page.route(ELSEWHERE, show)
    await page.goto(ELSEWHERE)
    async with page.expect_response(f"{origin}/books/1/reviews") as answer:
        await page.get_by_role("button", name="Win").click()
    assert (await answer.value).status in (400, 403)
    await page.goto(f"{origin}/books/1")
    assert await page.get_by_text("spam").count() == 0
