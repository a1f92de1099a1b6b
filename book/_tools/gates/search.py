"""What a reader finds first with the book's own search."""

from playwright.async_api import Page

from book._tools.gates.bench import Bench
from book._tools.gates.gate import gate
from book._tools.gates.outcome import Finding, NotBuilt, Result

# What readers type, and the section that answers it.
ANSWERS = {
    "422": "request_handling.html#one-shape-for-every-error",
    "FieldList": "form_handling.html#many-rows-in-one-form",
    "ModelForm": "form_handling.html#a-form-for-a-row",
    "BaseHTTPMiddleware": "middleware.html#hooks-wsgi-and-asgi",
    "collectstatic": "static_files.html#a-url-for-each-version",
    "directory listing": "static_files.html#what-must-not-get-out",
    "nginx": "static_files.html#nginx-and-a-cdn",
    "StaticFiles": "static_files.html#a-folder-and-its-url",
    "WhiteNoise": "static_files.html#who-sends-them-in-production",
    "cache busting": "static_files.html#a-url-for-each-version",
    "ProxyFix": "middleware.html#behind-a-proxy",
    "TestClient": "introduction.html#how-to-read-this-book",
    "before_request": "middleware.html#an-id-and-a-clock",
    "cors": "middleware.html#pages-of-other-origins-cors",
    "csrf": "templating.html#a-form-that-only-your-pages-can-send",
    "formset": "form_handling.html#many-rows-in-one-form",
    "n+1": "orm.html#a-list-in-two-statements",
    "preflight": "middleware.html#pages-of-other-origins-cors",
    "select_related": "orm.html#a-list-in-two-statements",
    "sensitive_post_parameters": "form_handling.html#what-a-password-must-not-do",
    "trailing slash": "routing.html#the-trailing-slash",
    "wtforms": "form_handling.html#rules-for-a-field",
    "url_for": "routing.html#links",
    "open redirect": "response_handling.html#redirects",
    "send_file": "response_handling.html#downloads",
    "set_cookie": "response_handling.html#cookies",
    "EventSource": "response_handling.html#server-sent-events",
    "If-None-Match": "response_handling.html#downloads",
    "SECRET_KEY_FALLBACKS": "project_structure.html#a-new-key",
    "application factory": "project_structure.html#a-factory-or-a-module-of-settings",
    "circular import": "project_structure.html#imports-that-go-in-a-circle",
    "from_prefixed_env": "project_structure.html#settings-from-outside",
    "pydantic-settings": "project_structure.html#settings-from-outside",
    "RFC 9457": "error_handling.html#one-shape",
    "handler404": "error_handling.html#who-turns-it-into-an-answer",
    "raise_server_exceptions": "error_handling.html#in-tests",
    "unhandled exception": "error_handling.html#what-nobody-foresaw",
    "login_required": "authentication.html#a-page-for-customers",
    "password hash": "authentication.html#passwords",
    "session fixation": "authentication.html#log-in-log-out",
    "PyJWT": "authentication.html#tokens-for-an-app",
    "refresh token": "authentication.html#the-next-token",
    "permission_required": "authentication.html#may-they",
    "brute force": "authentication.html#too-many-tries",
    "API key": "authentication.html#keys-for-programs",
    "OpenID Connect": "authentication.html#an-account-elsewhere",
    "Werkzeug debugger": "error_handling.html#debug-pages",
    "dependency injection": "philosophy.html#what-a-view-needs",
    "dependency_overrides": "philosophy.html#what-a-view-needs",
    "init_app": "philosophy.html#extension-dependency-app",
    "paginator": "philosophy.html#one-page-of-a-list",
    "to_thread": "philosophy.html#a-call-that-waits",
    "working outside of request context": "philosophy.html#where-the-request-comes-from",
}
SEARCH = "search.html"
RESULT = "#search-results ul.search li a"


def judge(query: str, found: str) -> list[Finding]:
    """A finding unless the first hit is the section that answers."""
    expected = ANSWERS[query]
    return [] if found == expected else [Finding(query, "", f"finds {found}, not {expected}")]


@gate("search", bar=f"{len(ANSWERS)} of {len(ANSWERS)}")
def search(bench: Bench) -> Result:
    """Each of the questions in ANSWERS finds the section that answers it first."""
    if SEARCH not in bench.all_pages:
        raise NotBuilt(bench.html / SEARCH)
    findings: list[Finding] = []

    async def visit(name: str) -> None:
        async with bench.page() as page:
            for query in ANSWERS:
                await page.goto(bench.url(name))
                findings.extend(judge(query, await first_hit(page, query)))

    bench.each([SEARCH], visit)
    return Result(f"{len(ANSWERS) - len(findings)} of {len(ANSWERS)} right", findings)


async def first_hit(page: Page, query: str) -> str:
    """Type a query as a reader does; where its first hit leads, or "nothing"."""
    await page.locator("input[name=q]:visible").first.fill(query)
    await page.keyboard.press("Enter")
    await page.locator(".search-summary:not(:empty)").wait_for()
    hits = page.locator(RESULT)
    if not await hits.count():
        return "nothing"
    address = await hits.first.get_attribute("href") or ""
    path, _, anchor = address.partition("#")
    return f"{path.partition('?')[0]}#{anchor}"
