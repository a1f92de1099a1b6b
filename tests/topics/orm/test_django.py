"""Models and queries that only Django has."""

import django
import pytest
from django.core.exceptions import SynchronousOnlyOperation, ValidationError
from django.db import IntegrityError, models, transaction


@pytest.fixture
def sales(snippet):
    """Two sales of two books of two authors."""
    for name in ("Ada", "Jane"):
        author = snippet.Author.objects.create(name=name, email=f"{name}@example.com")
        book = author.books.create(title=f"The Life of {name}", stock=3)
        snippet.Sale.objects.create(book=book, copies=1)
    return snippet.Sale.objects


def test_save_validates_nothing(snippet):
    author = snippet.Author(name="", email="no address")
    author.save()
    with pytest.raises(ValidationError) as caught:
        author.full_clean()
    assert caught.value.message_dict.keys() == {"name", "email"}


def test_a_row_is_a_new_object_each_time(snippet, sales):
    first, second = (snippet.Author.objects.get(name="Ada") for _ in range(2))
    assert first == second
    assert first is not second


def test_select_related_joins(sales, django_assert_num_queries):
    with django_assert_num_queries(3):
        assert len({sale.book.title for sale in sales.all()}) == 2
    with django_assert_num_queries(1):
        assert len({sale.book.title for sale in sales.select_related("book")}) == 2


@pytest.mark.skipif(django.VERSION < (6, 1), reason="fetch modes came with Django 6.1")
def test_fetch_peers_loads_a_relation_for_the_whole_list(sales, django_assert_num_queries):
    with django_assert_num_queries(2):
        peers = sales.fetch_mode(models.FETCH_PEERS)
        assert len({sale.book.title for sale in peers}) == 2


def test_inside_atomic_an_error_ends_the_transaction(snippet):
    with transaction.atomic():
        with pytest.raises(IntegrityError):
            snippet.Author.objects.create(email="nobody@example.com", name=None)
        with pytest.raises(transaction.TransactionManagementError):
            snippet.Author.objects.count()
        transaction.set_rollback(True)


async def test_async_code_has_methods_of_its_own(snippet):
    with pytest.raises(SynchronousOnlyOperation):
        snippet.Author.objects.count()
    assert await snippet.Author.objects.acount() == 0
