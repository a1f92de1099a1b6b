"""Migrations that only Flask has: what its env.py and its names are for."""

import logging
import re
import shutil

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.schema import CreateTable

from tests import histories


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


def without(history, *options):
    """Let Alembic work with a copy of the folder whose env.py lacks some options."""
    env = shutil.copytree(history.home, history.folder / "careless") / "env.py"
    text = env.read_text("utf-8")
    for option in options:
        text, count = re.subn(rf"(?s)\b{option}=(\[.*?\]|\{{.*?\}}|\w+),?", "", text)
        assert count == 1
    env.write_text(text)
    history.config.set_main_option("script_location", str(env.parent))


def test_without_autocommit_false_a_failed_copy_stays_in_the_way(history):
    """On SQLite without `autocommit=False`, a failed step leaves a half-filled table behind"""
    without(history, "connect_args")
    straggle(history)
    assert "_alembic_tmp_book" in history.tables()
    history.sql("UPDATE book SET price_cents = 1999")
    with pytest.raises(Exception, match="table _alembic_tmp_book already exists"):
        history.upgrade()


def test_without_transactional_ddl_each_step_is_a_transaction(history):
    """On SQLite without `transactional_ddl`, the steps before the failed one stay"""
    without(history, "transactional_ddl")
    history.start(2)
    history.sql("INSERT INTO book (isbn, title) VALUES ('1', 'Dune')")
    with pytest.raises(Exception, match="NOT NULL constraint failed"):
        history.upgrade()
    assert history.sql("SELECT version_num FROM alembic_version") == [(history.names[2],)]


def test_defaults_and_checks_are_compared_only_on_request(history):
    """Alembic compares server defaults and `CHECK`s only if `env.py` asks for it"""
    history.start()
    without(history, "compare_server_default", "autogenerate_plugins")
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


def test_the_preview_doubles_no_percent_sign(history):
    history.write("sale", parent=histories.HEAD)
    file = history.written / "sale.py"
    update = "op.execute(\"UPDATE book SET title = '10% off'\")"
    file.write_text("from alembic import op\n\n" + file.read_text().replace("pass", update, 1))
    history.point_at("postgresql://shop:shop@127.0.0.1:1/shop")
    history.config.output_buffer = history.printed
    command.upgrade(history.config, f"{history.names[-1]}:sale", sql=True)
    assert "'10% off'" in history.printed.getvalue()


def test_every_step_is_logged(history, capsys, monkeypatch):
    # As in a process in which nothing has set up logging yet.
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(logging.getLogger("alembic"), "level", logging.NOTSET)
    history.upgrade()
    printed = capsys.readouterr().err.splitlines()
    assert f"INFO Running upgrade  -> {history.names[0]}, Create book." in printed


def test_a_revision_has_a_random_id(history):
    assert all(re.fullmatch("[0-9a-f]{12}", name) for name in history.names)


def clauses(sql):
    """The lines of a CREATE TABLE, in no order."""
    return {line.strip(", \t") for line in sql.replace('"', "").splitlines()}


def test_create_all_makes_the_table_that_the_steps_make(history, snippet):
    """`create_all` on an empty database makes the very table that the four steps make"""
    history.start()
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        snippet.Base.metadata.create_all(connection)
        made = connection.scalar(sa.text("SELECT sql FROM sqlite_master WHERE name = 'book'"))
    engine.dispose()
    ((migrated,),) = history.sql("SELECT sql FROM sqlite_master WHERE name = 'book'")
    assert clauses(made) == clauses(migrated)


def test_the_convention_names_every_kind_of_constraint(snippet):
    metadata = sa.MetaData(naming_convention=snippet.Base.metadata.naming_convention)
    sa.Table("author", metadata, sa.Column("id", sa.Integer, primary_key=True))
    book = sa.Table(
        "book",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("isbn", sa.String(13), sa.CheckConstraint("isbn <> ''", "isbn"), unique=True),
        sa.Column("author_id", sa.ForeignKey("author.id"), index=True),
    )
    sql = str(CreateTable(book))
    for name in ("pk_book", "uq_book_isbn", "ck_book_isbn", "fk_book_author_id"):
        assert f"CONSTRAINT {name} " in sql
    assert [index.name for index in book.indexes] == ["ix_book_author_id"]
