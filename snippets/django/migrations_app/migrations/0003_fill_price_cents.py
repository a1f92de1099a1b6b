from django.db import migrations
from django.db.models import F
from django.db.models.functions import Round


# The model as it is here: the one in models.py moves on.
def fill(apps, schema_editor):
    books = apps.get_model("catalogue", "Book").objects
    books = books.using(schema_editor.connection.alias)
    books.filter(price_cents=None).update(
        price_cents=Round(F("price") * 100)
    )


def unfill(apps, schema_editor):
    books = apps.get_model("catalogue", "Book").objects
    books = books.using(schema_editor.connection.alias)
    books.filter(price=None).update(price=F("price_cents") / 100.0)


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0002_add_price_cents")]

    operations = [migrations.RunPython(fill, unfill)]
