"""Models of books, which ask for the orders."""

from django.db import models

from . import orders  # which ask for `Book`, not yet there


class Book(models.Model):
    title = models.CharField(max_length=100)

    def orders(self):
        return orders.Order.objects.filter(book=self)
