"""Fill price_cents."""

import sqlalchemy as sa
from alembic import op

revision = "49cd8239e9b3"
down_revision = "0af08ca8ba56"

# The table as it is here: the model of the app moves on.
book = sa.table(
    "book",
    sa.column("price", sa.Float),
    sa.column("price_cents", sa.Integer),
)


def upgrade():
    op.execute(
        book.update()
        .where(book.c.price_cents.is_(None))
        .values(price_cents=sa.func.round(book.c.price * 100))
    )


def downgrade():
    op.execute(
        book.update()
        .where(book.c.price.is_(None))
        .values(price=book.c.price_cents / 100.0)
    )
