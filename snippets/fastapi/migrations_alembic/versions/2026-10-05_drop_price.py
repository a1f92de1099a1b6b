"""Drop price.

From here on price_cents is required.
"""

import sqlalchemy as sa
from alembic import op

revision = "152598f423a1"
down_revision = "49cd8239e9b3"


def upgrade():
    with op.batch_alter_table("book") as book:
        book.alter_column(
            "price_cents", existing_type=sa.Integer(), nullable=False
        )
        # op.f: the name is whole, the convention adds nothing to it.
        book.create_check_constraint(
            op.f("ck_book_price_cents"), sa.column("price_cents") >= 0
        )
        book.drop_column("price")


def downgrade():
    with op.batch_alter_table("book") as book:
        book.add_column(sa.Column("price", sa.Float()))
        book.drop_constraint(op.f("ck_book_price_cents"), type_="check")
        book.alter_column(
            "price_cents", existing_type=sa.Integer(), nullable=True
        )
