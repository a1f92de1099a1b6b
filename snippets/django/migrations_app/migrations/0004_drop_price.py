from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0003_fill_price_cents")]

    operations = [
        migrations.AlterField(
            model_name="book",
            name="price_cents",
            field=models.IntegerField(),
        ),
        migrations.AddConstraint(
            model_name="book",
            constraint=models.CheckConstraint(
                name="ck_book_price_cents",
                condition=Q(price_cents__gte=0),
            ),
        ),
        migrations.RemoveField(model_name="book", name="price"),
    ]
