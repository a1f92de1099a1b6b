"""Migrations that only Flask has: what its env.py and its names are for."""

import logging
import shutil

import pytest
from alembic import command

from tests import histories


@pytest.fixture
def history(framework, snippet, tmp_path):
    with histories.opened(framework, snippet, tmp_path) as opened:
        yield opened


def straggle(history):
    """Make the last step fail half-way: the old release writes a row after the data step."""
    history.start(3)
    history.old_code_adds("9780441013593", "Dune", 19.99)
    with pytest.raises(Exception, match="NOT NULL constraint failed"):
        history.upgrade()


def test_without_the_two_options_a_failed_copy_stays_in_the_way(history, tmp_path):
    """Without `autocommit` and `transactional_ddl`, a failed step leaves half a table behind"""
    env = shutil.copytree(history.home, tmp_path / "careless") / "env.py"
    text = env.read_text("utf-8")
    careless = text.replace("transactional_ddl=True,", "").replace(
        'connect_args={"autocommit": False}', ""
    )
    env.write_text(careless)
    history.config.set_main_option("script_location", str(env.parent))
    straggle(history)
    assert "_alembic_tmp_book" in history.tables()
    history.sql("UPDATE book SET price_cents = 1999")
    with pytest.raises(Exception, match="table _alembic_tmp_book already exists"):
        history.upgrade()


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


def test_every_step_is_logged(history, caplog):
    logging.getLogger("alembic").setLevel(logging.NOTSET)
    history.upgrade()
    assert f"Running upgrade  -> {history.names[0]}, Create book." in caplog.messages
