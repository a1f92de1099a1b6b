"""From here on neither price is required."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="book",
            name="price_cents",
            field=models.IntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="book",
            name="price",
            field=models.FloatField(null=True),
        ),
    ]
