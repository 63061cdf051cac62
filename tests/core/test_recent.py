"""What is kept for seconds, and what is known of an object without reading all of it."""

from core import recent, sql
from geo_grid.models import ApiToken, User


def test_a_table_is_read_again_when_its_time_is_over(settings):
    seen = iter(range(10))
    latest = recent.recent(lambda: next(seen))
    settings.REFERENCE_SECONDS = 60
    assert [latest(), latest()] == [0, 0]
    recent.forget()
    assert [latest(), latest()] == [1, 1]
    recent.forget()
    settings.REFERENCE_SECONDS = 0
    assert [latest(), latest()] == [2, 3]


def test_an_object_takes_each_column_by_its_name():
    """Django goes by the order of the model's fields: a name must never land in is_superuser."""
    user = sql.instance(User, username="lin", id=5, display_name="林小雨", is_superuser=False)
    token = sql.instance(ApiToken, scopes=["read"], user_id=5, id=7, user=user)
    told = (user.pk, user.username, user.display_name, user.is_superuser)
    assert told == (5, "lin", "林小雨", False)
    assert (token.pk, token.scopes, token.user) == (7, ["read"], user)
    assert {"phone", "password"} <= user.get_deferred_fields()
