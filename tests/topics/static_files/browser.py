"""What a reader sees in a browser; the gate `browser` takes these steps in each framework."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Page


async def the_page_has_its_style(page: "Page", origin: str) -> None:
    """The heading has the colour of the style sheet, and the picture that the sheet names has come"""
    async with page.expect_response("**/static/img/logo.svg") as picture:
        await page.goto(f"{origin}/")
    assert (await picture.value).status == 200
    colour = await page.locator("h1").evaluate("h => getComputedStyle(h).color")
    assert colour == "rgb(0, 128, 128)"


async def an_upload_is_saved_and_not_run(page: "Page", origin: str) -> None:
    """A link to an upload saves it under its name; its script does not run"""
    opened: list[str] = []
    page.on("dialog", lambda dialog: opened.append(dialog.message))
    await page.goto(f"{origin}/")
    await page.evaluate(
        """() => document.body.insertAdjacentHTML(
            "beforeend", '<a href="/uploads/review.html">a review</a>')"""
    )
    async with page.expect_download() as saving:
        await page.get_by_text("a review").click()
    saved = await saving.value
    assert saved.suggested_filename == "review.html"
    assert page.url == f"{origin}/"
    assert opened == []
