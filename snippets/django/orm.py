"""Models, queries and transactions in Django, with its own ORM.

>>> from django.test import Client, override_settings
>>> ada = {"name": "Ada", "email": "ada@example.com"}
>>> with override_settings(ROOT_URLCONF="snippets.django.orm"):
...     Client().post("/authors", ada, "application/json").json()
{'id': 1, 'name': 'Ada', 'royalty': 10, 'books': []}
"""

from typing import Annotated

from django.db import (
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
from pydantic import BaseModel, Field, ValidationError


# region: models
class Author(models.Model):
    # The primary key, a column `id`, comes by itself.
    name = models.CharField(max_length=80, unique=True)
    email = models.EmailField()
    royalty = models.IntegerField(default=10)


class Book(models.Model):
    title = models.CharField(max_length=120)
    # "Positive" allows 0 and adds CHECK (stock >= 0).
    stock = models.PositiveIntegerField()
    # An index comes by itself, and the other direction gets its
    # name here: author.books.
    author = models.ForeignKey(
        Author, models.CASCADE, related_name="books"
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["title", "author"], name="one_title"
            ),
        ]


class Sale(models.Model):
    copies = models.IntegerField()
    # PROTECT: a book that was sold cannot be deleted.
    book = models.ForeignKey(Book, models.PROTECT)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(copies__gt=0), name="some_copies"
            ),
        ]
# endregion: models


# region: input
MAX = 2_147_483_647  # the largest INTEGER of PostgreSQL
# PostgreSQL stores no null character, and JSON can carry one.
Text = Annotated[str, Field(min_length=1, pattern=r"^[^\x00]*$")]
Name = Annotated[Text, Field(max_length=80)]


class NewBook(BaseModel):
    title: Annotated[Text, Field(max_length=120)]
    stock: Annotated[int, Field(ge=0, le=MAX)]


class NewAuthor(BaseModel):
    name: Name
    email: Annotated[Text, Field(max_length=254)]
    books: list[NewBook] = []


class NewSale(BaseModel):
    book: Annotated[int, Field(ge=1, le=MAX)]
    copies: Annotated[int, Field(ge=1, le=MAX)]


class Invalid(Exception):
    pass


def parse(validate, data):
    try:
        return validate(data)
    except ValidationError as error:
        # An exception of our own: a ValidationError from elsewhere
        # is a mistake of this program and has to stay a 500.
        raise Invalid(
            error.errors(include_url=False, include_input=False)
        ) from error
# endregion: input


# region: refused
# A column without a value is a mistake of this program: a 500.
NOT_NULL = ("23502", "SQLITE_CONSTRAINT_NOTNULL")


def violated(error):
    # The driver's error; Django itself raises a ProtectedError.
    cause = error.__cause__
    sqlite = getattr(cause, "sqlite_errorname", None)
    return getattr(cause, "sqlstate", sqlite)


# No cookie identifies the caller here, so nothing can be forged.
@method_decorator(csrf_exempt, "dispatch")
class Api(View):
    def dispatch(self, request, *args, **kwargs):
        try:
            return super().dispatch(request, *args, **kwargs)
        except Invalid as invalid:
            detail = {"detail": invalid.args[0]}
            return JsonResponse(detail, status=422)
        except IntegrityError as error:
            if violated(error) in NOT_NULL:
                raise
            return JsonResponse({"error": "conflict"}, status=409)
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


class AuthorList(Api):
    # region: create
    def post(self, request):
        data = parse(NewAuthor.model_validate_json, request.body)
        # Several statements: without atomic(), each is saved alone.
        with transaction.atomic():
            author = Author.objects.create(
                name=data.name, email=data.email
            )
            for book in data.books:
                author.books.create(**book.model_dump())
        return JsonResponse(show_author(author), status=201)
    # endregion: create

    # region: list
    def get(self, request):
        authors = Author.objects.prefetch_related("books")
        return JsonResponse(
            [show_author(a) for a in authors.order_by("id")],
            safe=False,  # a list, not an object
        )
    # endregion: list


class OneByOne(Api):
    # region: naive
    def get(self, request):
        authors = Author.objects.order_by("id")
        # show_author asks for the books: one SELECT for each author.
        return JsonResponse(
            [show_author(a) for a in authors], safe=False
        )
    # endregion: naive


class AuthorDetail(Api):
    # region: delete
    def delete(self, request, author_id):
        author = get_object_or_404(Author, pk=author_id)
        author.delete()
        return HttpResponse(status=204)
    # endregion: delete


class SaleList(Api):
    # region: transaction
    def post(self, request):
        data = parse(NewSale.model_validate_json, request.body)
        with transaction.atomic():  # both, or neither
            Sale.objects.create(
                book_id=data.book, copies=data.copies
            )
            Book.objects.filter(pk=data.book).update(
                stock=models.F("stock") - data.copies
            )
        return JsonResponse({"sold": data.copies}, status=201)
    # endregion: transaction


# region: raw-sql
class Wanted(BaseModel):
    author: Name


class Sold(Api):
    def get(self, request):
        wanted = parse(Wanted.model_validate, request.GET.dict())
        query = """
            SELECT SUM(copies) FROM orm_sale
            JOIN orm_book book ON book.id = book_id
            JOIN orm_author author ON author.id = author_id
            WHERE name = %s
        """
        with connection.cursor() as cursor:
            cursor.execute(query, [wanted.author])
            [total] = cursor.fetchone()
        return JsonResponse({"sold": total})
# endregion: raw-sql


urlpatterns = [
    path("authors", AuthorList.as_view()),
    path("authors/one-by-one", OneByOne.as_view()),
    path("authors/<int:author_id>", AuthorDetail.as_view()),
    path("sales", SaleList.as_view()),
    path("sold", Sold.as_view()),
]
