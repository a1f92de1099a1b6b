"""What a reader does with the forms in a browser; the gate `browser` takes these steps in each framework."""

from secrets import token_hex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Page, Response, Route

ELSEWHERE = "http://elsewhere.example/"
PASSWORD = "long enough 12"


async def sent(page: "Page", button: str) -> "Response":
    """Send the form, and wait for what its own URL answers."""
    async with page.expect_response(lambda answer: answer.request.method == "POST") as answer:
        await page.get_by_role("button", name=button).click()
    await page.wait_for_load_state()
    return await answer.value


async def signed_up(page: "Page", email: str, again: str) -> int:
    """Fill the form of the page that is open, and send it; the status of the answer."""
    await page.get_by_label("Email").fill(email)
    await page.get_by_label("Age").fill("36")
    await page.get_by_label("Password", exact=False).first.fill(PASSWORD)
    await page.get_by_label("Password again").fill(again)
    return (await sent(page, "Sign up")).status


async def a_wrong_form_comes_back_and_is_mended(page: "Page", origin: str) -> None:
    """The error is the field's description, what was typed is kept, the mended form is welcome"""
    email = f"{token_hex(4)}@example.com"
    await page.goto(f"{origin}/signup")
    assert await signed_up(page, email, "something else") == 422
    again = page.get_by_label("Password again")
    assert await again.get_attribute("aria-invalid") == "true"
    described = await again.get_attribute("aria-describedby")
    assert "The passwords differ." in await page.locator(f"[id='{described}']").inner_text()
    assert await page.get_by_label("Email").input_value() == email
    assert await page.get_by_label("Age").input_value() == "36"
    assert await again.input_value() == ""
    assert await signed_up(page, email, PASSWORD) in (302, 303)
    assert page.url == f"{origin}/welcome"
    await page.reload()
    assert page.url == f"{origin}/welcome"
    await page.goto(f"{origin}/signup")
    assert await signed_up(page, email, PASSWORD) == 422
    assert await page.get_by_text("This address has an account already.").count() == 1


async def a_letter_does_not_get_into_a_number(page: "Page", origin: str) -> None:
    """The keyboard alone fills the form; a letter does not get into the field for the age"""
    await page.goto(f"{origin}/signup")
    await page.get_by_label("Email").focus()
    await page.keyboard.type("ada@example.com")
    await page.keyboard.press("Tab")
    await page.keyboard.type("x36")
    assert await page.get_by_label("Age").input_value() == "36"


async def a_file_comes_along(page: "Page", origin: str) -> None:
    """A file that is no text comes back with its error, without the file; a text is kept"""
    await page.goto(f"{origin}/books/new")
    await page.get_by_label("Title").fill("<b>Dune</b>")
    await page.get_by_label("Stock").fill("3")
    file = page.get_by_label("Excerpt")
    await file.set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"\x89PNG"})
    assert (await sent(page, "Save")).status == 422
    assert await page.get_by_text("This is not a text file.").count() == 1
    assert await page.get_by_label("Title").input_value() == "<b>Dune</b>"
    assert await file.input_value() == ""
    await file.set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"Arrakis"})
    assert (await sent(page, "Save")).status in (302, 303)
    assert await page.locator("blockquote").inner_text() == "Arrakis"
    assert await page.get_by_label("Title").input_value() == "<b>Dune</b>"


async def rows_are_sent_and_kept(page: "Page", origin: str) -> None:
    """Two of three rows are filled; a wrong one comes back, and the mended order is listed"""
    await page.goto(f"{origin}/orders")
    titles, copies = page.get_by_label("Title"), page.get_by_label("Copies")
    await titles.nth(0).fill("Dune")
    await copies.nth(0).fill("1")
    await titles.nth(1).fill("Emma")
    await page.locator("form").evaluate("form => form.noValidate = true")
    assert (await sent(page, "Order")).status == 422
    assert await titles.nth(1).input_value() == "Emma"
    assert await copies.nth(1).get_attribute("aria-invalid") == "true"
    assert await copies.nth(0).get_attribute("aria-invalid") is None
    await copies.nth(1).fill("2")
    assert (await sent(page, "Order")).status in (302, 303)
    assert "2 x Emma." in await page.locator("ul").first.inner_text()


async def a_form_on_another_site_is_refused(page: "Page", origin: str) -> None:
    """A form that another site shows is answered with 400 or 403, and changes nothing"""
    fields = {"title": "spam", "stock": "1"}
    inputs = "".join(f'<input name="{name}" value="{value}">' for name, value in fields.items())
    form = f'<form method="post" action="{origin}/books/new">{inputs}<button>Win</button></form>'
    await page.goto(f"{origin}/books/new")

    async def show(route: "Route") -> None:
        await route.fulfill(content_type="text/html", body=form)

    await page.route(ELSEWHERE, show)
    await page.goto(ELSEWHERE)
    assert (await sent(page, "Win")).status in (400, 403)
