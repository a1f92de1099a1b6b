"""Migrations that only Flask has: what its env.py and its names are for."""

import pytest

from tests.topics.migrations import histories


@pytest.fixture
def history(framework, snippet):
    with histories.opened(framework, snippet) as opened:
        yield opened


def straggle(history):
    """Make the last step fail half-way: the old release writes a row after the data step."""
    history.start(3)
    history.old_code_adds("9780441013593", "Dune", 19.99)
    with pytest.raises(Exception, match="NOT NULL constraint failed"):
        history.upgrade()


def test_without_autocommit_false_a_failed_copy_stays_in_the_way(history):
    """On SQLite without `autocommit=False`, a failed step leaves a half-filled table behind"""
    history.without("connect_args")
    straggle(history)
    assert "_alembic_tmp_book" in history.tables()
    history.sql("UPDATE book SET price_cents = 1999")
    with pytest.raises(Exception, match="table _alembic_tmp_book already exists"):
        history.upgrade()


def test_without_a_transaction_per_migration_a_failed_run_is_undone_whole(history):
    """Without `transaction_per_migration`, a step that fails takes back the steps before it"""
    history.without("transaction_per_migration")
    history.start(2)
    history.sql("INSERT INTO book (isbn, title) VALUES ('1', 'Dune')")
    with pytest.raises(Exception, match="NOT NULL constraint failed"):
        history.upgrade()
    assert history.sql("SELECT version_num FROM alembic_version") == [(history.names[1],)]


def test_defaults_and_checks_are_compared_only_on_request(history):
    """Alembic compares server defaults and `CHECK`s only if `env.py` asks for it"""
    history.start()
    history.without("compare_server_default", "autogenerate_plugins")
    for edit in ("default", "check"):
        history.edit_model(edit)
        assert history.is_clean()


def test_a_name_without_op_f_gets_the_convention_twice(history):
    """A constraint's name without `op.f` gets the convention's prefix a second time"""
    history.start()
    history.write("rename", parent=histories.HEAD)
    file = history.written / "rename.py"
    drop = 'with op.batch_alter_table("book") as book:\n'
    drop += '        book.drop_constraint("ck_book_price_cents", type_="check")'
    text = "from alembic import op\n\n" + file.read_text()
    file.write_text(text.replace("pass", drop, 1))
    with pytest.raises(ValueError, match="No such constraint: 'ck_book_ck_book_price_cents'"):
        history.upgrade()
