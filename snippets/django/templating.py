"""Templating in Django: its own template language, with CSRF tokens.

>>> from django.test import Client, override_settings
>>> from snippets.django import templating as shop
>>> htmx = {"HX-Request": "true"}
>>> with override_settings(ROOT_URLCONF=shop.__name__, **shop.SETTINGS):
...     page = Client().get("/books?q=<b>", headers=htmx)
>>> print(page.text.strip())
<li>No title contains &lt;b&gt;.</li>
"""

from decimal import Decimal
from pathlib import Path

from django import template
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.html import format_html
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

# region: setup
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # An app's own templates lie in its folder templates/, where
        # "APP_DIRS": True finds them.
        "DIRS": [Path(__file__).parent / "templating_files"],
        "OPTIONS": {
            "context_processors": [
                "django.contrib.messages.context_processors.messages",
                f"{__name__}.theme",
            ],
            # An app's own library is its module templatetags/shop.py.
            "libraries": {"shop": __name__},
        },
    }
]
SETTINGS = {"TEMPLATES": TEMPLATES}
# endregion: setup

BOOKS: dict[int, dict] = {
    1: {"id": 1, "title": "Dune", "price": Decimal("9.90")},
    2: {"id": 2, "title": "War & Peace", "price": Decimal("1250")},
}
REVIEWS = {1: ["Vast <script>alert(1)</script>"], 2: []}


def find_book(book_id):
    if book_id not in BOOKS:
        raise Http404
    return BOOKS[book_id]


# region: filters
register = template.Library()


@register.filter
def price(amount):
    return f"{amount:,.2f} €"


@register.filter
def mark(text, words):
    if not words:
        return text
    before, found, after = text.partition(words)
    # The tags are safe; whatever is filled in is escaped.
    return format_html("{}<mark>{}</mark>{}", before, found, after)


# endregion: filters


# region: tag
@register.inclusion_tag("field.html")
def field(label, name, value=""):
    return {"label": label, "name": name, "value": value}


# endregion: tag


# region: context-processor
def theme(request):
    return {"theme": request.COOKIES.get("theme", "light")}


# endregion: context-processor


# region: fragment
@require_safe
@vary_on_headers("HX-Request")
def list_books(request):
    q = request.GET.get("q", "")
    books = [book for book in BOOKS.values() if q in book["title"]]
    # A script puts the rows in; everybody else gets the page.
    part = "#rows" if request.headers.get("HX-Request") else ""
    context = {"books": books, "q": q}
    return render(request, f"list.html{part}", context)


# endregion: fragment


# region: page
@require_safe
def show_book(request, book_id):
    return render(
        request,
        "book.html",
        {"book": find_book(book_id), "reviews": REVIEWS[book_id]},
    )


# endregion: page


# region: form
@require_POST
def add_review(request, book_id):
    book = find_book(book_id)
    if text := request.POST.get("text"):
        REVIEWS[book_id].append(text)
        thanks = f"Thank you for reviewing {book['title']}."
        messages.success(request, thanks)
    return redirect("show_book", book["id"])


# endregion: form


# region: text
@require_safe
def show_label(request, book_id):
    return render(
        request,
        "label.txt",
        {"book": find_book(book_id)},
        content_type="text/plain; charset=utf-8",
    )


# endregion: text


urlpatterns = [
    path("books", list_books, name="list_books"),
    path("books/<int:book_id>", show_book, name="show_book"),
    path("books/<int:book_id>/reviews", add_review, name="add_review"),
    path("books/<int:book_id>/label", show_label),
]
