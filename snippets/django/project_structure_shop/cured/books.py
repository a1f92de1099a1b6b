"""Models of books, which know of no orders."""

from django.db import models


class Book(models.Model):
    title = models.CharField(max_length=100)

    def orders(self):
        # The foreign key of an order has made this, by its name.
        return self.order_set.all()
