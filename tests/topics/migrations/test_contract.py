"""Contract of the chapter on migrations. The steps of a history are in histories.py."""

import logging
import re

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.schema import CreateTable

from tests.harness.differs import differs, in_process, only
from tests.topics.migrations import histories
from tests.topics.migrations.histories import HEAD

ALEMBIC = only("flask", "fastapi")
DUNE = ("9780441013593", "Dune", 19.99)
EMMA = ("9780141439587", "Emma", 950)
pytestmark = pytest.mark.own_tables


@pytest.fixture
def history(framework, snippet, wire_database):
    """This framework's migrations, on an empty database."""
    with histories.opened(framework, snippet, wire_database) as opened:
        yield opened


@pytest.fixture
def client(history, client):
    """The shop, on the database of `history`."""
    return client


# The shop before, between and after the steps


def test_an_empty_database_is_answered_with_503(client):
    response = client.get("/books")
    assert response.status_code == 503
    assert response.json() == {"error": "database is behind", "pending": 4}


def test_after_the_last_step_the_shop_answers(history, client):
    history.start()
    history.new_code_adds(*EMMA)
    response = client.get("/books")
    assert response.status_code == 200
    assert response.json() == {"books": [{"title": "Emma", "price_cents": 950}]}


def test_books_come_in_the_order_of_their_ids(history, client):
    history.start()
    history.sql("INSERT INTO book (id, isbn, title, price_cents) VALUES (2, 'b', 'Emma', 950)")
    history.sql("INSERT INTO book (id, isbn, title, price_cents) VALUES (1, 'c', 'Dune', 1999)")
    assert [book["title"] for book in client.get("/books").json()["books"]] == ["Dune", "Emma"]


def test_readiness_counts_what_is_missing(history, client):
    """`GET /ready` counts the missing steps: 503 until there are none"""
    history.start(3)
    response = client.get("/ready")
    assert response.status_code == 503
    assert response.json() == {"pending": 1}
    history.upgrade()
    response = client.get("/ready")
    assert response.status_code == 200
    assert response.json() == {"pending": 0}


def test_todays_model_does_not_fit_yesterdays_table(history, client):
    """Today's model does not fit yesterday's table: one step in, `GET /books` is a 503"""
    history.start(1)
    response = client.get("/books")
    assert response.status_code == 503
    assert response.json() == {"error": "database is behind", "pending": 3}


@pytest.mark.server_errors
def test_any_other_database_error_stays_a_500(history, client):
    history.start()
    history.sql("DROP TABLE book")
    assert client.get("/books").status_code == 500


@in_process("another release")
def test_readiness_is_about_the_steps_that_a_release_ships(history, client):
    """After step 3, a release that ships step 4 is not ready; one that ships 3 steps is"""
    history.start(3)
    response = client.get("/ready")
    assert response.status_code == 503
    assert response.json() == {"pending": 1}
    history.ship(3)
    response = client.get("/ready")
    assert response.status_code == 200
    assert response.json() == {"pending": 0}


@in_process("another release")
def test_a_change_in_two_releases(history, client):
    """Release 2 ships steps 2 and 3, release 3 ships step 4: each is ready when its steps ran"""
    history.start(1)
    history.old_code_adds(*DUNE)
    history.ship(3)
    assert client.get("/ready").status_code == 503
    history.upgrade(3)
    assert client.get("/ready").status_code == 200
    # Release 1 still writes, until its last process has ended.
    history.old_code_adds("9780141439587", "Emma", 9.5)
    history.downgrade(2)
    history.upgrade(3)
    # Release 3: the one before it stays ready while and after step 4 runs.
    history.let_a_newer_release_migrate()
    assert client.get("/ready").status_code == 200


def test_a_database_newer_than_the_code_is_ready(history, client):
    """Release 2 stays ready after release 3 has migrated"""
    history.start()
    history.let_a_newer_release_migrate()
    response = client.get("/ready")
    assert response.status_code == 200
    assert response.json() == {"pending": 0}


# Up and down


def test_the_first_step_creates_the_table(history):
    assert history.tables() == set()
    history.upgrade(1)
    schema = history.schema()
    price_type, *_ = schema.pop("price")
    assert schema == {
        "id": ("integer", True, 1),
        "isbn": ("varchar(13)", True, 0),
        "title": ("varchar(200)", True, 0),
    }
    assert price_type in ("float", "real")


def test_a_later_step_adds_a_column_and_keeps_the_rows(history):
    """Step 2 adds a column, requires neither price, and keeps the rows"""
    history.start(1)
    assert history.schema()["price"][1]
    history.old_code_adds(*DUNE)
    history.upgrade(2)
    assert not history.schema()["price"][1]
    assert history.sql("SELECT isbn, title, price, price_cents FROM book") == [(*DUNE, None)]


def test_the_data_step_rounds_to_the_cent(history):
    """The data step makes 1999 of 19.99 times 100, not 1998"""
    history.start(1)
    history.old_code_adds(*DUNE)
    history.upgrade(3)
    assert history.sql("SELECT price, price_cents FROM book") == [(19.99, 1999)]


def test_the_data_step_leaves_filled_rows_alone(history):
    history.start(2)
    history.sql("INSERT INTO book (isbn, title, price, price_cents) VALUES ('1', 'Dune', 20, 1)")
    history.upgrade(3)
    assert history.sql("SELECT price_cents FROM book") == [(1,)]


def test_the_last_step_drops_the_old_column(history):
    history.start(1)
    history.old_code_adds(*DUNE)
    history.upgrade()
    assert history.columns() == {"id", "isbn", "title", "price_cents"}
    assert history.sql("SELECT id, isbn, title, price_cents FROM book") == [(1, *DUNE[:2], 1999)]


def test_one_step_down_takes_the_column_away_again(history):
    history.start(2)
    history.old_code_adds(*DUNE)
    history.downgrade(1)
    assert history.columns() == {"id", "isbn", "title", "price"}
    assert history.sql("SELECT isbn, title, price FROM book") == [DUNE]


@pytest.mark.parametrize("step", [2, 4])
def test_a_step_down_leaves_the_table_as_it_was_before(history, step):
    """A step down leaves the table as it was before: types, `NOT NULL`, key"""
    history.start(step - 1)
    before = history.schema()
    history.start(step)
    assert history.schema() != before
    history.downgrade(step - 1)
    assert history.schema() == before


def test_the_data_step_has_a_way_back(history):
    history.start()
    history.new_code_adds(*EMMA)
    history.downgrade(3)
    assert history.sql("SELECT price, price_cents FROM book") == [(None, 950)]
    history.downgrade(2)
    assert history.sql("SELECT price, price_cents FROM book") == [(9.5, 950)]


def test_the_way_back_keeps_an_old_price(history):
    history.start(3)
    history.sql("INSERT INTO book (isbn, title, price, price_cents) VALUES ('1', 'Dune', 20, 1)")
    history.downgrade(2)
    assert history.sql("SELECT price FROM book") == [(20,)]


def test_all_the_way_down_and_up_again(history):
    history.start()
    history.downgrade(0)
    assert history.columns() == set()
    history.upgrade()
    assert history.schema() == {
        "id": ("integer", True, 1),
        "isbn": ("varchar(13)", True, 0),
        "title": ("varchar(200)", True, 0),
        "price_cents": ("integer", True, 0),
    }


def test_a_second_upgrade_does_nothing(history):
    history.start()
    history.new_code_adds(*EMMA)
    history.upgrade()
    assert history.sql("SELECT title FROM book") == [("Emma",)]


@differs(
    flask="`alembic_version`, 1 row",
    fastapi="`alembic_version`, 1 row",
    django="`django_migrations`, 4",
)
def test_what_the_database_remembers(history, expected):
    """What the database remembers of 4 steps"""
    history.start()
    assert history.remembered() == expected


def test_an_isbn_stays_unique_at_every_step(history):
    for step in range(1, HEAD + 1):
        history.start(step)
        add, book = (history.old_code_adds, DUNE) if step < HEAD else (history.new_code_adds, EMMA)
        add(*book)
        with pytest.raises(Exception, match=r"UNIQUE constraint failed: \w*book\.isbn"):
            add(*book)


def test_the_last_step_adds_a_named_check(history):
    history.start()
    with pytest.raises(Exception, match="CHECK constraint failed: ck_book_price_cents"):
        history.new_code_adds("1", "Dune", -1)
    history.new_code_adds("1", "Dune", 0)
    history.downgrade(3)
    history.new_code_adds("2", "Emma", -1)


def test_the_same_steps_run_on_postgresql(history, postgresql):
    history.point_at(postgresql)
    with psycopg.connect(postgresql, autocommit=True) as shop:
        shop.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        history.upgrade(1)
        add = history.named("INSERT INTO book (isbn, title, price) VALUES (%s, %s, %s)")
        shop.execute(add, DUNE)
        history.upgrade()
        prices = shop.execute(history.named("SELECT title, price_cents FROM book"))
        assert prices.fetchall() == [("Dune", 1999)]
        assert history.is_clean()
        history.downgrade(1)
        prices = shop.execute(history.named("SELECT title, price FROM book"))
        assert prices.fetchall() == [("Dune", 19.99)]


def emptied(postgresql):
    """A connection to a database without tables."""
    shop = psycopg.connect(postgresql, autocommit=True)
    shop.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return shop


def test_a_step_that_waits_for_a_lock_gives_up_in_time(history, postgresql):
    """PostgreSQL with `lock_timeout`: a step that waits for a reader fails, and changes nothing"""
    history.point_at(f"{postgresql}&options=-c%20lock_timeout%3D100ms")
    with emptied(postgresql) as shop:
        history.upgrade(1)
        with shop.transaction():
            shop.execute(history.named("SELECT title FROM book"))
            with pytest.raises(Exception, match="canceling statement due to lock timeout"):
                history.upgrade(2)
        history.upgrade(2)
        shop.execute(history.named("SELECT price_cents FROM book"))


def readable_while_filling(history, postgresql):
    """Whether others can read `book` while step 3, in a run with step 2, fills its column."""
    history.point_at(postgresql)
    found = []

    def look(connection, cursor, statement, *rest):
        if statement.startswith("UPDATE book"):
            with psycopg.connect(postgresql, options="-c lock_timeout=100ms") as other:
                try:
                    other.execute("SELECT title FROM book")
                except psycopg.errors.LockNotAvailable:
                    found.append("locked")
                else:
                    found.append("readable")

    with emptied(postgresql):
        history.upgrade(1)
        sa.event.listen(sa.Engine, "before_cursor_execute", look)
        try:
            history.upgrade(3)
        finally:
            sa.event.remove(sa.Engine, "before_cursor_execute", look)
    return found


@ALEMBIC
def test_each_step_lets_go_of_its_locks(history, postgresql):
    """`transaction_per_migration`: others read while step 3 fills what step 2 has added"""
    assert readable_while_filling(history, postgresql) == ["readable"]


@ALEMBIC
def test_one_transaction_for_all_steps_keeps_the_table_locked(history, postgresql):
    """Without `transaction_per_migration`, the lock of step 2 lasts until step 3 is done"""
    history.without("transaction_per_migration")
    assert readable_while_filling(history, postgresql) == ["locked"]


# Expand, then contract


def runs(add, book):
    try:
        add(*book)
    except Exception:
        return False
    return True


def test_between_expand_and_contract_old_and_new_code_both_run(history):
    """After steps 2 and 3 the old release and the new one can both write"""
    found = {}
    for step in range(1, HEAD + 1):
        history.start(step)
        old = runs(history.old_code_adds, DUNE)
        new = runs(history.new_code_adds, EMMA)
        found[step] = (old, new)
    assert found == {1: (True, False), 2: (True, True), 3: (True, True), 4: (False, True)}


def test_the_old_release_reads_until_the_last_step(history):
    """The old release can read `price` after steps 1, 2 and 3, not after step 4"""
    found = {}
    for step in range(1, HEAD + 1):
        history.start(step)
        found[step] = runs(history.sql, ["SELECT price FROM book"])
    assert found == {1: True, 2: True, 3: True, 4: False}


def test_what_the_new_release_writes_has_no_price_for_the_old_one(history):
    """A row that release 2 writes has no `price`: release 1 reads NULL"""
    history.start(3)
    history.new_code_adds(*EMMA)
    assert history.sql("SELECT price, price_cents FROM book") == [(None, 950)]


def straggle(history):
    """The old release writes a row after the data step."""
    history.start(3)
    history.old_code_adds(*DUNE)
    with pytest.raises(Exception, match=r"NOT NULL constraint failed: \w+\.price_cents"):
        history.upgrade()


def test_a_row_that_the_data_step_missed_stops_the_last_step(history):
    """A row that step 3 missed stops step 4 at `NOT NULL`, and the table is as it was"""
    straggle(history)
    assert history.columns() == {"id", "isbn", "title", "price", "price_cents"}


def test_a_step_that_fails_leaves_nothing_behind(history):
    """A step that fails is undone whole: after a repair it runs again"""
    straggle(history)
    assert not [name for name in history.tables() if re.search("tmp|new", name)]
    history.sql("UPDATE book SET price_cents = 1999")
    history.upgrade()
    assert history.sql("SELECT price_cents FROM book") == [(1999,)]


def test_earlier_steps_of_a_failed_run_stay(history, client):
    """Step 4 fails in a run of 3 and 4: step 3 stays"""
    history.start(2)
    history.sql("INSERT INTO book (isbn, title) VALUES ('1', 'Dune')")
    with pytest.raises(Exception, match="NOT NULL constraint failed"):
        history.upgrade()
    assert client.get("/ready").json() == {"pending": 1}


def test_the_new_release_sees_no_price_where_the_data_step_missed_a_row(history, client):
    """A row that release 1 wrote after step 3 has the price `null` in release 2"""
    history.start(3)
    history.old_code_adds(*DUNE)
    response = client.get("/books")
    assert response.json() == {"books": [{"title": "Dune", "price_cents": None}]}


def test_the_data_step_can_run_again_for_the_rows_that_it_missed(history):
    """Down to step 2 and up again fills what the data step missed"""
    history.start(3)
    history.old_code_adds(*DUNE)
    history.new_code_adds(*EMMA)
    history.downgrade(2)
    history.upgrade()
    assert history.sql("SELECT price_cents FROM book ORDER BY title") == [(1999,), (950,)]


# What a pipeline asks


def test_a_command_says_whether_a_step_is_missing(history, capsys):
    """One command says whether the database lacks a step"""
    history.start(3)
    assert history.exit_code(*history.is_a_step_missing) != 0
    history.start()
    assert history.exit_code(*history.is_a_step_missing) == 0


def test_a_command_says_whether_the_model_has_moved_on(history, capsys):
    """`alembic check`, `makemigrations --check`: exit code 0 if no edit of the model lacks a step"""
    history.start()
    assert history.exit_code(*history.has_the_model_moved_on) == 0
    history.edit_model("column")
    assert history.exit_code(*history.has_the_model_moved_on) != 0


# The drift check


def test_the_check_is_clean_where_model_and_history_agree(history):
    history.start()
    assert history.is_clean()
    # So that the tests below measure an edit, and nothing else.
    history.edit_model("no edit")
    assert history.is_clean()


def test_the_check_notices_an_edited_model(history):
    """The check notices a new column, a longer text, a default, a new `CHECK`"""
    history.start()
    for edit in ("column", "longer", "default", "check"):
        history.edit_model(edit)
        assert not history.is_clean(), edit


@differs(flask="missed", fastapi="missed", django="found")
def test_a_check_with_its_old_name_and_a_new_condition(history, expected):
    """The model's `CHECK` changes, its name does not"""
    history.start()
    history.edit_model("other check")
    assert history.is_clean() == (expected == "missed")


@differs(flask="missed", fastapi="missed", django="found")
def test_a_default_in_python(history, expected):
    """A new `default=` in Python, which no database sees"""
    history.start()
    history.edit_model("default in Python")
    assert history.is_clean() == (expected == "missed")


@differs(flask="found", fastapi="found", django="missed")
def test_a_column_added_by_hand(history, expected):
    """A column added to the database by hand"""
    history.start()
    history.sql("ALTER TABLE book ADD COLUMN shelf VARCHAR(20)")
    assert history.is_clean() == (expected == "missed")


@differs(flask="refused", fastapi="refused", django="clean")
def test_the_check_on_an_empty_database(history, expected):
    """`alembic check` or `makemigrations --check` on an empty database"""
    if expected == "clean":
        assert history.is_clean()
        return
    with pytest.raises(history.refuses, match="Target database is not up to date"):
        history.is_clean()


# What is generated


def test_a_generated_step_runs_both_ways(history):
    """A generated step for a new column runs, up and down; then the check is clean"""
    history.start()
    history.edit_model("column")
    assert len(history.operations(history.generate("add_shelf"))) == 1
    history.upgrade()
    assert "shelf" in history.columns()
    assert history.is_clean()
    history.undo_last()
    assert history.columns() == {"id", "isbn", "title", "price_cents"}


def test_a_generated_step_alters_a_column_on_sqlite(history):
    """A generated step for a longer text runs on SQLite too, and keeps rows and constraints"""
    history.start()
    history.new_code_adds(*EMMA)
    history.edit_model("longer")
    history.generate("longer_title")
    history.upgrade()
    assert history.is_clean()
    assert history.sql("SELECT isbn, title, price_cents FROM book") == [EMMA]
    with pytest.raises(Exception, match="CHECK constraint failed: ck_book_price_cents"):
        history.new_code_adds("1", "Dune", -1)


@differs(
    flask="random id, slug",
    fastapi="date, slug (configured)",
    django="number, slug",
)
def test_the_name_of_a_generated_file(history, expected):
    """The name of a generated file"""
    history.start()
    history.edit_model("column")
    kind = expected.split()[0].strip(",")
    start = {"random": r"[0-9a-f]{12}", "date": r"\d{4}-\d\d-\d\d", "number": "0005"}[kind]
    assert re.fullmatch(f"{start}_add_shelf.py", history.generate("add_shelf").name)


@differs(flask="drop one, add one", fastapi="drop one, add one", django="asks, then renames")
def test_a_renamed_column(history, expected, monkeypatch, capsys):
    """`title` is called `name` in the model now"""
    history.start()
    history.edit_model("rename")
    monkeypatch.setattr("builtins.input", lambda: "y")
    operations = history.operations(history.generate("rename", attended=True))
    asked = "Was book.title renamed to book.name" in capsys.readouterr().out
    if expected.startswith("asks"):
        assert (asked, operations) == (True, ["RenameField"])
    else:
        assert (asked, operations) == (False, ["add_column", "drop_column"])


@differs(flask="written, then fails", fastapi="written, then fails", django="refused")
def test_a_required_column_without_a_default(history, expected):
    """A required column without a default, for a table with rows"""
    history.start()
    history.new_code_adds(*EMMA)
    history.edit_model("required column")
    if expected == "refused":
        with pytest.raises(history.refuses):
            history.generate("add_shelf")
        return
    history.generate("add_shelf")
    with pytest.raises(Exception, match="Cannot add a NOT NULL column"):
        history.upgrade()


# SQL to read before it runs


def test_the_preview_shows_sql_and_changes_nothing(history):
    assert "CREATE TABLE" in history.preview(1)
    assert history.columns() == set()


@differs(flask="`UPDATE …`", fastapi="`UPDATE …`", django="no SQL, it is Python")
def test_the_preview_of_the_data_step(history, expected):
    """The preview of the data step"""
    sql = history.preview(3)
    if "UPDATE" in expected:
        assert "SET price_cents=round(book.price * 100) WHERE book.price_cents IS NULL;" in sql
    else:
        assert "THIS OPERATION CANNOT BE WRITTEN AS SQL" in sql
        assert "UPDATE" not in sql


@differs(flask="refused", fastapi="refused", django="SQL")
def test_the_preview_of_a_table_copy(history, expected):
    """The preview, `--sql` or `sqlmigrate`, where SQLite must copy the table"""
    if expected == "refused":
        with pytest.raises(history.refuses, match="requires a live database connection"):
            history.preview(2)
    else:
        assert "INSERT INTO" in history.preview(2)


@differs(flask="SQL", fastapi="SQL", django="refused")
def test_the_preview_for_a_server_out_of_reach(history, expected):
    """The preview, `--sql` or `sqlmigrate`, for a PostgreSQL out of reach"""
    history.point_at("postgresql://shop:shop@127.0.0.1:1/shop")
    if expected == "SQL":
        sql = history.preview(1, HEAD)
        assert "id SERIAL NOT NULL" in sql
        assert "ALTER TABLE book ALTER COLUMN price DROP NOT NULL;" in sql
        assert "UPDATE book SET price_cents=round(book.price * 100)" in sql
        assert "ALTER TABLE book DROP COLUMN price;" in sql
    else:
        with pytest.raises(Exception, match="connection failed"):
            history.preview(1)


# Two heads


@differs(
    flask="Multiple head revisions",
    fastapi="Multiple head revisions",
    django="Conflicting migrations",
)
def test_two_heads_are_refused(history, expected):
    """Two branches each add a step after the same one: the upgrade says"""
    history.write("left", parent=HEAD)
    history.write("right", parent=HEAD)
    with pytest.raises(history.refuses, match=expected):
        history.upgrade()
    assert history.columns() == set()


def test_a_merge_joins_two_heads(history):
    history.start()
    history.write("left", parent=HEAD)
    history.write("right", parent=HEAD)
    history.merge()
    history.upgrade()
    assert history.columns() == {"id", "isbn", "title", "price_cents"}


@differs(
    flask="`alembic stamp`, you name the step",
    fastapi="`alembic stamp`, you name the step",
    django="`--fake-initial`",
)
def test_a_table_older_than_its_history(history, expected):
    """The table is there already, its history is not: adopted with"""
    history.start(1)
    history.old_code_adds(*DUNE)
    history.sql(f"DROP TABLE {history.memory}")
    with pytest.raises(Exception, match="already exists"):
        history.upgrade()
    history.adopt()
    history.upgrade()
    assert history.sql("SELECT title, price_cents FROM book") == [("Dune", 1999)]


@differs(flask="passes, undoes nothing", fastapi="passes, undoes nothing", django="refused")
def test_down_over_a_step_without_a_way_back(history, expected):
    """Down over a step whose `downgrade` says `pass`, or that has no way back"""
    history.start()
    history.write("one_way", parent=HEAD)
    history.upgrade()
    if expected == "refused":
        with pytest.raises(Exception, match="is not reversible"):
            history.undo_last()
    else:
        history.undo_last()


# What Alembic does, for both that use it


@ALEMBIC
def test_the_preview_doubles_no_percent_sign(history):
    history.write("sale", parent=HEAD)
    file = history.written / "sale.py"
    update = "op.execute(\"UPDATE book SET title = '10% off'\")"
    file.write_text("from alembic import op\n\n" + file.read_text().replace("pass", update, 1))
    history.point_at("postgresql://shop:shop@127.0.0.1:1/shop")
    history.config.output_buffer = history.printed
    command.upgrade(history.config, f"{history.names[-1]}:sale", sql=True)
    assert "'10% off'" in history.printed.getvalue()


@ALEMBIC
def test_the_preview_of_upgrade_head_starts_at_the_first_step(history, capsys):
    """`alembic upgrade head --sql` starts at the first step, `0003:head` after step 3"""
    history.point_at("postgresql://shop:shop@127.0.0.1:1/shop")
    assert history.exit_code("upgrade", "head", "--sql") == 0
    assert "CREATE TABLE book" in capsys.readouterr().out
    assert history.exit_code("upgrade", f"{history.names[2]}:head", "--sql") == 0
    printed = capsys.readouterr().out
    assert "CREATE TABLE" not in printed
    assert "ALTER TABLE book DROP COLUMN price;" in printed


@ALEMBIC
def test_every_step_is_logged(history, capsys, monkeypatch):
    # As in a process in which nothing has set up logging yet.
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(logging.getLogger("alembic"), "level", logging.NOTSET)
    history.upgrade()
    printed = capsys.readouterr().err.splitlines()
    assert "INFO Will assume transactional DDL." in printed
    assert f"INFO Running upgrade  -> {history.names[0]}, Create book." in printed


@ALEMBIC
def test_a_revision_has_a_random_id(history):
    assert all(re.fullmatch("[0-9a-f]{12}", name) for name in history.names)


def clauses(sql):
    """The lines of a CREATE TABLE, in no order."""
    return {line.strip(", \t") for line in sql.replace('"', "").splitlines()}


@ALEMBIC
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


@ALEMBIC
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
