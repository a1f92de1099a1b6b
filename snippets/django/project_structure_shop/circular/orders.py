"""Models of orders, which need the books."""

from django.db import models

from .books import Book


class Order(models.Model):
    book = models.ForeignKey(Book, on_delete=models.PROTECT)
