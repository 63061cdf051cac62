"""The only place that runs raw SQL: the files `<package>/sql/*.sql`, with parameters."""

import gc
import re
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from threading import Lock, current_thread
from weakref import WeakKeyDictionary

from django.apps import apps
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, OperationalError, connection, connections
from django.db.models import Model
from django.db.models.sql import InsertQuery
from psycopg2.errors import InvalidSqlStatementName


def rows(package: str, name: str, params: dict | None = None) -> list[dict]:
    """Run `<package>/sql/<name>.sql` and return its rows as dictionaries."""
    return ask(text(package, name), params or {})


def ask(statement: str, params: dict) -> list[dict]:
    """Run a statement made by `filled`, with parameters; its rows as dictionaries."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return _answers(cursor)


def _answers(cursor) -> list[dict]:
    if cursor.description is None:
        return []
    columns = [column[0] for column in cursor.description]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def rows_again(package: str, name: str, params: dict | None = None) -> list[dict]:
    """`rows` of a statement that comes with every report: see `ask_again`."""
    return ask_again(text(package, name), params or {})


COPY_BYTES = 1 << 20  # read at once: with little pieces a thread waits for the other each time
PARAMETER = re.compile(r"%\(([\w.]+)\)s")
_told: WeakKeyDictionary = WeakKeyDictionary()  # connection -> names of statements it knows


def ask_again(statement: str, params: dict) -> list[dict]:
    """`ask` for one statement that comes a thousand times a second: it is planned once.

    Only for statements whose plan does not depend on the parameters. Behind a pooler that changes
    connections between transactions set PREPARED=0: nothing is prepared then.
    """
    if not settings.PREPARED:
        return ask(statement, params)
    name, order, words = _numbered(statement)
    database = connections[DEFAULT_DB_ALIAS]
    with database.cursor() as cursor:
        known = _told.setdefault(database.connection, set())
        if name not in known:
            cursor.execute(f"SET plan_cache_mode = force_generic_plan; PREPARE {name} AS {words}")
            known.add(name)
        try:
            cursor.execute(f"EXECUTE {name}{order}", params)
            return _answers(cursor)
        except OperationalError as error:
            if not isinstance(error.__cause__, InvalidSqlStatementName):
                raise  # a cancelled or deadlocked one is known to the server as before
            known.discard(name)
            if database.in_atomic_block:
                raise
            return ask(statement, params)


@cache
def _numbered(statement: str) -> tuple[str, str, str]:
    """Its name, its parameters in their order, and its words with $1, $2 in their places."""
    order = list(dict.fromkeys(PARAMETER.findall(statement)))
    words = PARAMETER.sub(lambda found: f"${order.index(found[1]) + 1}", statement)
    given = f" ({', '.join(f'%({one})s' for one in order)})" if order else ""
    return f"s{sha256(statement.encode()).hexdigest()[:16]}", given, words.replace("%%", "%")


@cache
def filled(package: str, name: str, **parts: str) -> str:
    """The words of a SQL file with its {blanks} filled in. The parts never come from a request."""
    words = text(package, name)
    for blank, part in parts.items():
        words = words.replace("{" + blank + "}", part)
    return words


def insert_together(*objects: Model) -> None:
    """Insert new objects in one statement. Those that others point to know their ids already."""
    shapes = tuple((type(one), one.pk is not None) for one in objects)
    database = connections[DEFAULT_DB_ALIAS]
    values = [
        None if value is None else field.get_db_prep_save(value, database)
        for one, shape in zip(objects, shapes, strict=True)
        for field in _inserted(*shape)
        for value in [field.pre_save(one, add=True)]
    ]
    statement, names = _inserts(shapes)
    ask_again(statement, dict(zip(names, values, strict=True)))
    for one in objects:
        one._state.adding = False


@cache
def _inserted(model: type[Model], with_id: bool) -> list:
    return [field for field in model._meta.concrete_fields if with_id or not field.primary_key]


@cache
def _inserts(shapes: tuple) -> tuple[str, list[str]]:
    """The statement for objects of these models, as Django writes each, and its parameters."""
    parts = []
    for model, with_id in shapes:
        query = InsertQuery(model)
        query.insert_values(_inserted(model, with_id), [model()])
        ((words, _values),) = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
        parts.append(words)
    *beside, last = parts
    named = ", ".join(f"i{number} AS ({words})" for number, words in enumerate(beside))
    statement = f"WITH {named} {last}" if named else last
    names = [f"p{number}" for number in range(statement.count("%s"))]
    places = iter(names)
    return re.sub("%s", lambda _place: f"%({next(places)})s", statement), names


def instance(model, **told):
    """A stored object of which these columns are known; Django reads the others when asked.

    An object among them is what a foreign key, whose column is told too, points to.
    """
    columns = [field.attname for field in model._meta.concrete_fields if field.attname in told]
    # in the order of the model: Django goes by it, whatever the names say
    made = model.from_db(DEFAULT_DB_ALIAS, columns, [told.pop(name) for name in columns])
    for name, value in told.items():
        setattr(made, name, value)
    return made


def patiently() -> None:
    """This transaction may compute for long between two statements: it is not taken for forgotten."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '15min'")


def run(package: str, name: str, params: dict | None = None, **parts: str) -> int:
    """Run a statement that returns nothing, `filled` with parts; answers how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(filled(package, name, **parts), params or {})
        return cursor.rowcount


def copy(package: str, name: str, source) -> int:
    """Run a COPY ... FROM STDIN of the package with `source`, a readable text stream."""
    with connection.cursor() as cursor:
        with connection.wrap_database_errors:
            cursor.cursor.copy_expert(text(package, name), source, COPY_BYTES)
        return cursor.rowcount


@contextmanager
def bulk_load():
    """Give one long load the memory that a request must not have, for this session only."""
    with connection.cursor() as cursor:
        cursor.execute("SET work_mem = '128MB'; SET synchronous_commit = off")
        try:
            yield
        finally:
            cursor.execute("RESET work_mem; RESET synchronous_commit")


PACE = 0.0001  # seconds in which a thread that comes back from the database gets Python again


class Behind:
    """A second thread that writes on this thread's connection while this one computes.

    Each work that was given is done whole; what this thread asks meanwhile waits for the work in
    hand, not for those after it, and must not be in a transaction: it would take in the other's
    rows. What was given is written also where this thread fails meanwhile; after a failure of its
    own it writes nothing more.
    """

    def __enter__(self):
        self.own = connections[DEFAULT_DB_ALIAS]
        self.own.inc_thread_sharing()
        self.door, self.room = Lock(), Lock()
        self.pace = sys.getswitchinterval()
        sys.setswitchinterval(PACE)
        self.collecting = gc.isenabled()
        gc.disable()  # a whole collection would hold up what is being written for a tenth of a second
        self.depth = self._depth()
        self.given: list[Future] = []
        self.failed: Exception | None = None
        told = {"initializer": connections.__setitem__, "initargs": (DEFAULT_DB_ALIAS, self.own)}
        self.pool = ThreadPoolExecutor(1, "behind", **told)
        self.guarded = self.own.execute_wrapper(self._guard)
        self.guarded.__enter__()
        return self

    def give(self, work: Callable, *arguments) -> None:
        """Do it after what was given before."""
        self.given.append(self.pool.submit(self._do, work, arguments))

    def wait(self) -> None:
        """Until everything is written; raises what went wrong."""
        given, self.given = self.given, []
        for one in given:
            one.result()
        gc.collect(1)  # what is young, while no transaction is open
        if self.failed:
            raise self.failed

    @contextmanager
    def _turn(self):
        """The connection for one of the two: whoever waits at the door comes in next."""
        with self.door:
            self.room.acquire()
        try:
            yield
        finally:
            self.room.release()

    def _depth(self) -> tuple[bool, int]:
        return self.own.in_atomic_block, len(self.own.savepoint_ids)

    def _do(self, work: Callable, arguments: tuple) -> None:
        with self._turn():
            if self.failed:
                return
            try:
                work(*arguments)
            except Exception as error:
                self.failed = error

    def _guard(self, execute, words, params, many, context):
        if current_thread().name.startswith("behind"):
            return execute(words, params, many, context)
        with self._turn():
            if self._depth() != self.depth:
                raise RuntimeError("no transaction while the other thread writes")
            return execute(words, params, many, context)

    def __exit__(self, kind, error, trace):
        self.pool.shutdown()
        sys.setswitchinterval(self.pace)
        if self.collecting:
            gc.enable()
        self.given = []
        self.guarded.__exit__(kind, error, trace)
        self.own.dec_thread_sharing()
        if self.failed and error is None:
            raise self.failed


class OnlyOne:
    """An advisory lock on a connection of its own: whoever loses the connection loses the lock."""

    def __init__(self, key: int):
        self.key = key
        self.connection = connections.create_connection(DEFAULT_DB_ALIAS)

    def take(self) -> bool:
        """Whether the lock is ours now; does not wait."""
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [self.key])
            return cursor.fetchone()[0]

    def check(self) -> None:
        """Raises OperationalError or InterfaceError once the connection is gone."""
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    def release(self) -> None:
        """Given back at once: the server notices a closed connection only after a while."""
        with suppress(Error), self.connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [self.key])
        self.connection.close()


@cache
def text(package: str, name: str) -> str:
    """The words of one SQL file, read once per process."""
    folder = Path(apps.get_app_config(package).path) / "sql"
    return (folder / f"{name}.sql").read_text(encoding="utf-8")
