"""Models and queries that only Django has."""

import asyncio
import contextlib
import sqlite3

import psycopg
import pytest
from django.core.exceptions import SynchronousOnlyOperation, ValidationError
from django.db import IntegrityError, close_old_connections, connections, models, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext, isolate_apps
from django.urls import path

from tests.harness.adapters import adapter
from tests.harness.differs import since

FROM_61 = since("fetch modes and DB_CASCADE came with Django 6.1", django="6.1")


@pytest.fixture
def sales(snippet):
    """Two sales of two books of two authors."""
    for name in ("Ada", "Jane"):
        author = snippet.Author.objects.create(name=name, email=f"{name}@example.com")
        book = author.books.create(title=f"The Life of {name}", stock=3)
        snippet.Sale.objects.create(book=book, copies=1)
    return snippet.Sale.objects


@pytest.fixture
def committed(snippet, tmp_path):
    """Django on a file, outside of the test's transaction: a function that counts its authors, seen from elsewhere."""
    url = f"sqlite:///{tmp_path}/shop.sqlite3"
    with adapter("django").database(snippet, url, []):
        other = sqlite3.connect(tmp_path / "shop.sqlite3")
        table = snippet.Author._meta.db_table
        count = f"SELECT COUNT(*) FROM {table} WHERE name LIKE ?"  # noqa: S608 (our own table)
        yield lambda name="%": other.execute(count, [name]).fetchone()[0]
        other.close()


def ada(snippet):
    return snippet.Author.objects.create(name="Ada", email="ada@example.com")


# Objects


def test_save_validates_nothing(snippet):
    author = snippet.Author(name="", email="no address")
    author.save()
    with pytest.raises(ValidationError) as caught:
        author.full_clean()
    assert caught.value.message_dict.keys() == {"name", "email"}


def test_a_word_for_a_number_is_an_error(snippet):
    """Django's field raises `ValueError` for `"many"` before any SQL is sent"""
    author = ada(snippet)
    with pytest.raises(ValueError, match="expected a number but got 'many'"):
        author.books.create(title="Notes", stock="many")


def test_a_row_is_a_new_object_each_time(snippet, sales):
    first, second = (snippet.Author.objects.get(name="Ada") for _ in range(2))
    assert first == second
    assert first is not second


# Loading


def test_select_related_joins(sales, django_assert_num_queries):
    """Two sales and their books: 3 statements in a loop, 1 statement with `select_related`"""
    with django_assert_num_queries(3):
        assert len({sale.book.title for sale in sales.all()}) == 2
    with django_assert_num_queries(1):
        assert len({sale.book.title for sale in sales.select_related("book")}) == 2


@FROM_61
def test_fetch_peers_loads_a_relation_for_the_whole_list(sales, django_assert_num_queries):
    """Django 6.1: two sales and their books with `FETCH_PEERS`: 2 statements"""
    with django_assert_num_queries(2):
        peers = sales.fetch_mode(models.FETCH_PEERS)
        assert len({sale.book.title for sale in peers}) == 2


@FROM_61
def test_fetch_raise_forbids_the_lazy_loading(sales):
    """Django 6.1: with `FETCH_RAISE`, reading a book that was not loaded raises `FieldFetchBlocked`"""
    from django.core.exceptions import FieldFetchBlocked

    sale = sales.fetch_mode(models.FETCH_RAISE).first()
    with pytest.raises(FieldFetchBlocked):
        _ = sale.book


@FROM_61
def test_fetch_raise_lets_the_books_of_an_author_through(snippet, sales):
    """Django 6.1: `FETCH_RAISE` does not stop `author.books.all()` in a loop"""
    authors = snippet.Author.objects.fetch_mode(models.FETCH_RAISE).order_by("id")
    titles = [book.title for author in authors for book in author.books.all()]
    assert titles == ["The Life of Ada", "The Life of Jane"]


def test_books_have_no_remove(snippet):
    """Django: `author.books` has no `remove()`, because a book has to have an author"""
    assert not hasattr(ada(snippet).books, "remove")


def test_a_queryset_prints_its_sql(snippet):
    """`print(Book.objects.all().query)` prints the SQL"""
    assert str(snippet.Book.objects.all().query).startswith("SELECT ")


# Transactions


def test_a_save_is_committed_at_once(snippet, committed):
    """After `create()` another connection sees the row, after `save()` the change"""
    author = ada(snippet)
    assert committed() == 1
    author.name = "Ada Lovelace"
    assert committed("Ada Lovelace") == 0
    author.save()
    assert committed("Ada Lovelace") == 1


def test_inside_atomic_others_see_the_end(snippet, committed):
    """Inside `atomic()` another connection sees nothing, and after it the row"""
    with transaction.atomic():
        ada(snippet)
        assert committed() == 0
    assert committed() == 1


def test_an_exception_that_leaves_atomic_undoes_it(snippet, committed):
    with pytest.raises(IntegrityError), transaction.atomic():
        [ada(snippet) for _ in range(2)]  # the second one's name is taken
    assert committed() == 0


def test_delete_opens_a_transaction_of_its_own(snippet, committed):
    """`author.delete()`: its `SELECT` come first, then `BEGIN`, its `DELETE`, `COMMIT`"""
    author = ada(snippet)
    author.books.create(title="Notes", stock=3)
    with CaptureQueriesContext(connections["default"]) as captured:
        author.delete()
    sent = [query["sql"].split()[0] for query in captured]
    assert sent == ["SELECT", "SELECT", "BEGIN", "DELETE", "DELETE", "COMMIT"]


def test_inside_atomic_an_error_ends_the_transaction(snippet):
    """After an `IntegrityError` inside `atomic()`, a query raises `TransactionManagementError`"""
    with transaction.atomic():
        with pytest.raises(IntegrityError):
            snippet.Author.objects.create(email="nobody@example.com", name=None)
        with pytest.raises(transaction.TransactionManagementError):
            snippet.Author.objects.count()
        transaction.set_rollback(True)


@pytest.fixture
def atomic_requests(snippet, committed, settings, monkeypatch):
    """A function that sends a request to a view, with ATOMIC_REQUESTS."""
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", True)

    def ask(view):
        settings.ROOT_URLCONF = (path("", view),)
        return Client(raise_request_exception=False).get("/")

    return ask


def test_atomic_requests_undoes_what_a_view_wrote_that_raises(snippet, committed, atomic_requests):
    """`ATOMIC_REQUESTS`: what the view wrote is undone when it raises"""

    def view(request):
        ada(snippet)
        assert committed() == 0
        raise ZeroDivisionError

    assert atomic_requests(view).status_code == 500
    assert committed() == 0


def test_atomic_requests_keeps_what_a_view_wrote_that_answers(snippet, committed, atomic_requests):
    """`ATOMIC_REQUESTS`: what the view wrote is saved when it returns a 409"""

    def view(request):
        ada(snippet)
        return HttpResponse(status=409)

    assert atomic_requests(view).status_code == 409
    assert committed() == 1


def test_atomic_requests_undoes_what_the_database_refused(snippet, committed, atomic_requests):
    """`ATOMIC_REQUESTS`: a refusal of the database undoes all, even if the view catches it"""

    def view(request):
        ada(snippet)
        with contextlib.suppress(IntegrityError):
            ada(snippet)
        return HttpResponse(status=409)

    assert atomic_requests(view).status_code == 409
    assert committed() == 0


def test_atomic_requests_keeps_what_stands_before_an_inner_atomic(
    snippet, committed, atomic_requests
):
    """`ATOMIC_REQUESTS`: an `atomic()` inside the view undoes its own part; the rest is saved"""

    def view(request):
        ada(snippet)
        with contextlib.suppress(IntegrityError), transaction.atomic():
            ada(snippet)
        return HttpResponse(status=409)

    assert atomic_requests(view).status_code == 409
    assert committed() == 1


def test_select_for_update_locks_a_row(snippet, postgresql):
    """PostgreSQL: `select_for_update()` locks a row until the `atomic()` ends that it needs"""
    table = snippet.Author._meta.db_table
    again = f"SELECT 1 FROM {table} FOR UPDATE"  # noqa: S608 (our own table)
    with psycopg.connect(postgresql, autocommit=True) as other:
        # The server is the whole run's: another topic may have left its tables.
        other.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    with (
        adapter("django").database(snippet, postgresql, []),
        psycopg.connect(postgresql, autocommit=True) as other,
    ):
        ada(snippet)
        with transaction.atomic():
            snippet.Author.objects.select_for_update().get()
            other.execute("SET lock_timeout = '20ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable, match="due to lock timeout"):
                other.execute(again)
        assert other.execute(again).fetchone() == (1,)
        with pytest.raises(transaction.TransactionManagementError):
            snippet.Author.objects.select_for_update().get()
        with connections["default"].schema_editor() as editor:
            for model in (snippet.Sale, snippet.Book, snippet.Author):
                editor.delete_model(model)


def test_django_asks_sqlite_for_no_lock(snippet):
    """SQLite: `select_for_update()` adds nothing to the `SELECT`"""
    with transaction.atomic(), CaptureQueriesContext(connections["default"]) as captured:
        list(snippet.Author.objects.select_for_update())
    assert "FOR UPDATE" not in captured[-1]["sql"]


# Deleting


def library():
    """Writers, their novels and the prizes of those: models of an app that is nowhere else."""

    class Writer(models.Model):
        class Meta:
            app_label = "library"

    class Novel(models.Model):
        writer = models.ForeignKey(Writer, models.DB_CASCADE)

        class Meta:
            app_label = "library"

    class Prize(models.Model):
        novel = models.ForeignKey(Novel, models.PROTECT)

        class Meta:
            app_label = "library"

    return Writer, Novel, Prize


@FROM_61
@isolate_apps()
def test_db_cascade_hands_it_to_the_database(committed):
    """Django 6.1: with `DB_CASCADE`, deleting an author with a book sends one `DELETE`"""

    Writer, Novel, _ = library()
    with connections["default"].schema_editor() as editor:
        editor.create_model(Writer)
        editor.create_model(Novel)
    writer = Writer.objects.create()
    Novel.objects.create(writer=writer)
    with CaptureQueriesContext(connections["default"]) as captured:
        writer.delete()
    assert [query["sql"].split()[0] for query in captured] == ["DELETE"]
    assert Novel.objects.count() == 0


@FROM_61
@isolate_apps()
def test_db_cascade_does_not_mix():
    """Django 6.1: `DB_CASCADE` on the way to a `PROTECT` is refused by `check`: `fields.E323`"""
    Prize = library()[2]
    assert "fields.E323" in [problem.id for problem in Prize.check()]


# Connections and async


def test_a_connection_closes_with_its_request(snippet, committed):
    """After a request, Django's connection is closed: `CONN_MAX_AGE` is 0"""
    ada(snippet)
    connection = connections["default"]
    assert connection.settings_dict["CONN_MAX_AGE"] == 0
    close_old_connections()  # the receiver of the signal that a request sends when it ends
    assert connection.connection is None
    assert snippet.Author.objects.count() == 1  # a query opens another one
    assert connection.connection is not None


async def test_async_code_has_methods_of_its_own(snippet):
    """In async code `count()` raises `SynchronousOnlyOperation`, and `acount()` answers"""
    with pytest.raises(SynchronousOnlyOperation):
        snippet.Author.objects.count()
    assert await snippet.Author.objects.acount() == 0


async def test_atomic_is_for_sync_code(snippet):
    """In async code `atomic()` raises `SynchronousOnlyOperation`"""
    await asyncio.sleep(0)
    with pytest.raises(SynchronousOnlyOperation), transaction.atomic():
        pass


def test_a_constraint_is_called_as_its_model_says(snippet):
    """A constraint is called as its model says: `one_title`, `some_copies`"""
    called = [
        each.name for model in (snippet.Book, snippet.Sale) for each in model._meta.constraints
    ]
    assert called == ["one_title", "some_copies"]
