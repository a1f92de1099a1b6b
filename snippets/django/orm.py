"""Models, queries and transactions in Django, with its own ORM.

>>> from django.test import Client, override_settings
>>> ada = {"name": "Ada", "email": "ada@example.com"}
>>> with override_settings(ROOT_URLCONF="snippets.django.orm"):
...     Client().post("/authors", ada, "application/json").json()
{'id': 1, 'name': 'Ada', 'royalty': 10, 'books': []}
"""

import json
from functools import wraps

from django.db import (
    DataError,
    IntegrityError,
    connection,
    models,
    transaction,
)
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt


# region: models
class Author(models.Model):
    name = models.CharField(max_length=80, unique=True)
    email = models.EmailField()
    royalty = models.IntegerField(default=10)


class Book(models.Model):
    title = models.CharField(max_length=120)
    # "Positive" allows 0 and adds CHECK (stock >= 0).
    stock = models.PositiveIntegerField()
    author = models.ForeignKey(
        Author, models.CASCADE, related_name="books"
    )

    class Meta:
        ordering = ("id",)


class Sale(models.Model):
    copies = models.IntegerField()
    book = models.ForeignKey(Book, models.PROTECT)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(copies__gt=0), name="copies"
            ),
        )
# endregion: models


# region: refused
def refuse_conflicts(view):
    @wraps(view)
    def wrapper(*args, **kwargs):
        try:
            return view(*args, **kwargs)
        except (IntegrityError, DataError):
            return JsonResponse({"error": "conflict"}, status=409)

    return wrapper


# No cookie identifies the caller here, so nothing can be forged.
api = method_decorator([csrf_exempt, refuse_conflicts], "dispatch")
# endregion: refused


# region: output
def show_author(author):
    return {
        "id": author.id,
        "name": author.name,
        "royalty": author.royalty,
        "books": [
            {"id": book.id, "title": book.title, "stock": book.stock}
            for book in author.books.all()
        ],
    }
# endregion: output


@api
class AuthorList(View):
    # region: create
    def post(self, request):
        data = json.loads(request.body)
        with transaction.atomic():
            author = Author.objects.create(
                name=data.get("name"), email=data.get("email")
            )
            for book in data.get("books", []):
                author.books.create(
                    title=book.get("title"), stock=book.get("stock")
                )
        return JsonResponse(show_author(author), status=201)
    # endregion: create

    # region: list
    def get(self, request):
        authors = Author.objects.prefetch_related("books")
        return JsonResponse(
            [show_author(a) for a in authors.order_by("id")],
            safe=False,
        )
    # endregion: list


@api
class AuthorDetail(View):
    # region: delete
    def delete(self, request, author_id):
        author = get_object_or_404(Author, pk=author_id)
        author.delete()
        return HttpResponse(status=204)
    # endregion: delete


@api
class SaleList(View):
    # region: transaction
    def post(self, request):
        data = json.loads(request.body)
        book_id, copies = data.get("book"), data.get("copies")
        with transaction.atomic():
            Sale.objects.create(book_id=book_id, copies=copies)
            Book.objects.filter(pk=book_id).update(
                stock=models.F("stock") - copies
            )
        return JsonResponse({"sold": copies}, status=201)
    # endregion: transaction


# region: raw-sql
def sold(request):
    query = """
        SELECT SUM(copies) FROM bookshop_sale
        JOIN bookshop_book book ON book.id = book_id
        JOIN bookshop_author author ON author.id = author_id
        WHERE name = %s
    """
    with connection.cursor() as cursor:
        cursor.execute(query, [request.GET.get("author")])
        [total] = cursor.fetchone()
    return JsonResponse({"sold": total})
# endregion: raw-sql


urlpatterns = [
    path("authors", AuthorList.as_view()),
    path("authors/<int:author_id>", AuthorDetail.as_view()),
    path("sales", SaleList.as_view()),
    path("sold", sold),
]
