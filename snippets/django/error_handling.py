"""Errors in Django: handlers by status, a middleware for the rest.

>>> from django.test import Client, override_settings
>>> from snippets.django import error_handling as shop
>>> with override_settings(ROOT_URLCONF=shop.__name__, **shop.SETTINGS):
...     Client().get("/books/nemo").json()["detail"]
...     Client().get("/nowhere").headers["content-type"]
'There is no book called nemo.'
'application/problem+json'
"""

import json
import logging
import sys
from http import HTTPStatus
from uuid import uuid4

from django.core.exceptions import BadRequest
from django.core.handlers.asgi import ASGIRequest
from django.http import (
    Http404,
    HttpResponse,
    HttpResponseNotAllowed,
    JsonResponse,
    StreamingHttpResponse,
)
from django.tasks import task
from django.urls import Resolver404, path
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from pydantic import BaseModel, Field, ValidationError

logger = logging.getLogger(__name__)

STOCK = {"dune": 3, "emma": 0}
PRICES = {"dune": "12.50"}  # nobody has put a price on Emma
CUSTOMERS: dict[str, str] = {}  # by token; a login would add them
SUPPLIER = "amqp://shop:not-for-strangers@supplier"

SETTINGS = {
    "MIDDLEWARE": [
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        # Next to the views: the others see its answers as theirs.
        f"{__name__}.Problems",
    ],
    # Its page would be HTML for everybody.
    "CSRF_FAILURE_VIEW": f"{__name__}.handler403",
}


# region: problem
def problem(status, detail="", **more):
    """An error as RFC 9457 describes it."""
    body = {
        "type": "about:blank",  # there is no more than the status
        "title": HTTPStatus(status).phrase,
        "status": status,
    }
    if detail:
        body["detail"] = detail
    return body | more
# endregion: problem


# region: answer
PROBLEM = "application/problem+json"
PAGE = (
    '<!doctype html><html lang="en"><title>{title}</title>'
    "<h1>{title}</h1><p>{detail}</p><small>{instance}</small>"
)


def answer(request, body, headers=None):
    """A page for who prefers HTML, JSON for everybody else."""
    # Who wants JSON takes a problem, too.
    kinds = [PROBLEM, "application/json", "text/html"]
    if request.get_preferred_type(kinds) == "text/html":
        # Escapes: the detail may repeat what a client sent.
        shown = {"detail": "", "instance": ""} | body
        page = format_html(PAGE, **shown)
        response = HttpResponse(page, headers=headers)
    else:
        response = JsonResponse(body, headers=headers)
        response.headers["Content-Type"] = PROBLEM
    response.status_code = body["status"]
    patch_vary_headers(response, ["Accept"])
    return response
# endregion: answer


# region: on-purpose
class Refusal(Exception):
    """Django has exceptions for 400, 403 and 404, and for no more."""

    def __init__(self, body, headers=None):
        self.body = body
        self.headers = headers


@require_safe
def show_book(request, book):
    if book not in STOCK:
        raise Http404(f"There is no book called {book}.")
    return JsonResponse({"book": book, "stock": STOCK[book]})


@require_safe
def show_account(request):
    sent = request.headers.get("Authorization", "")
    scheme, _, token = sent.partition(" ")
    if scheme.lower() != "bearer" or token not in CUSTOMERS:
        bearer = {"WWW-Authenticate": "Bearer"}
        raise Refusal(problem(401, "Log in first."), bearer)
    return JsonResponse({"customer": CUSTOMERS[token]})
# endregion: on-purpose


# region: handlers
# Django finds these by their names, in the root URLconf.
def handler404(request, exception):
    # Where no pattern matched, the exception holds the patterns.
    unknown = isinstance(exception, Resolver404)
    detail = "" if unknown else str(exception)
    return answer(request, problem(404, detail))


def handler400(request, exception):
    # Other exceptions than BadRequest are for your log alone.
    ours = isinstance(exception, BadRequest)
    detail = str(exception) if ours else ""
    return answer(request, problem(400, detail))


def handler403(request, exception=None, reason=""):
    return answer(request, problem(403))


class Problems:
    """What those handlers are not asked about."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        # The decorators of the views return it, and raise nothing.
        if isinstance(response, HttpResponseNotAllowed):
            allow = {"Allow": response.headers["Allow"]}
            return answer(request, problem(405), allow)
        return response

    def process_exception(self, request, error):
        if isinstance(error, Refusal):
            return answer(request, error.body, error.headers)
        if isinstance(error, OutOfStock):
            return refuse_sale(request, error)
        return None  # Django goes on looking
# endregion: handlers


# region: domain
class OutOfStock(Exception):
    """A rule of the shop. It knows nothing of HTTP."""

    def __init__(self, book, left):
        super().__init__(f"{book}: {left} left")
        self.book = book
        self.left = left


# The middleware above calls this.
def refuse_sale(request, error):
    body = problem(
        409,
        f"Copies of {error.book} left: {error.left}.",
        type="https://shop.example/problems/out-of-stock",
        title="Out of stock",
        left=error.left,
    )
    return answer(request, body)


def sell(book, copies):
    if copies > STOCK[book]:
        raise OutOfStock(book, STOCK[book])
    STOCK[book] -= copies
# endregion: domain


# region: invalid
class Order(BaseModel):
    book: str
    copies: int = Field(ge=1, le=10)


def refuse_body(errors):
    """What Pydantic found wrong, without repeating the input."""
    if errors[0]["type"] == "json_invalid":
        return BadRequest("The body is not JSON.")
    found = [
        {
            "detail": error["msg"],
            "pointer": "/".join(["#", *map(str, error["loc"])]),
        }
        for error in errors
    ]
    return Refusal(problem(422, errors=found))


# No cookie says here who the caller is, so nothing can be forged.
@csrf_exempt
@require_POST
def place_order(request):
    if request.content_type != "application/json":
        raise Refusal(problem(415))
    try:
        order = Order.model_validate_json(request.body)
    except ValidationError as invalid:
        raise refuse_body(invalid.errors()) from None
    if order.book not in STOCK:
        raise Http404(f"There is no book called {order.book}.")
    sell(order.book, order.copies)
    return JsonResponse(order.model_dump(), status=201)
# endregion: invalid


# region: unexpected
def unexpected(error):
    """Log what happened; a stranger gets the number of the entry."""
    instance = uuid4().urn
    logger.error("Unexpected: %s", instance, exc_info=error)
    return problem(500, instance=instance)


# The only handler that is not told which exception it was.
def handler500(request):
    return answer(request, unexpected(sys.exception()))


@require_safe
def list_deliveries(request):
    # Nobody foresaw this, and its message holds a password.
    raise ConnectionError(f"{SUPPLIER} does not answer")
# endregion: unexpected


# region: stream
async def asynchronous(lines):
    for line in lines:
        yield line


@require_safe
def export_prices(request):
    def lines():
        try:
            for book in STOCK:
                line = {"book": book, "price": PRICES[book]}
                yield json.dumps(line) + "\n"
        except Exception as error:
            # The status has gone: say it in the last line.
            yield json.dumps(unexpected(error)) + "\n"

    # Under ASGI, Django would collect a plain generator first.
    asgi = isinstance(request, ASGIRequest)
    content = asynchronous(lines()) if asgi else lines()
    return StreamingHttpResponse(
        content, content_type="application/jsonl"
    )
# endregion: stream


# region: background
@task
def remind(book):
    raise TimeoutError(f"no mail server for {book}")


@csrf_exempt
@require_POST
def remind_later(request, book):
    # The default backend runs it at once, and catches what it raises.
    remind.enqueue(book)
    return JsonResponse({"reminder": book}, status=202)
# endregion: background


urlpatterns = [
    path("books/<book>", show_book),
    path("account", show_account),
    path("orders", place_order),
    path("deliveries", list_deliveries),
    path("prices", export_prices),
    path("reminders/<book>", remind_later),
]
