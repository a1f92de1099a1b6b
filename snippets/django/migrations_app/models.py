"""The catalogue as it is today; how it came about is in migrations/."""

from django.db import models
from django.db.models import Q


# region: model
class Book(models.Model):
    isbn = models.CharField(max_length=13, unique=True)
    title = models.CharField(max_length=200)
    price_cents = models.IntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="ck_book_price_cents",
                condition=Q(price_cents__gte=0),
            )
        ]


# endregion: model
