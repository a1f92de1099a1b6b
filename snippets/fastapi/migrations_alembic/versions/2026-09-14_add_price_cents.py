"""Add price_cents.

From here on neither price is required.
"""

import sqlalchemy as sa
from alembic import op

revision = "0af08ca8ba56"
down_revision = "734087ccc6e9"


def upgrade():
    with op.batch_alter_table("book") as book:
        book.add_column(sa.Column("price_cents", sa.Integer()))
        book.alter_column(
            "price", existing_type=sa.Float(), nullable=True
        )


def downgrade():
    with op.batch_alter_table("book") as book:
        book.alter_column(
            "price", existing_type=sa.Float(), nullable=False
        )
        book.drop_column("price_cents")
