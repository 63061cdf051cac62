"""An account that logs in."""

import pytest

MD5 = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def anybody(qian, settings):
    """An account with a password that takes no time."""
    settings.PASSWORD_HASHERS = MD5
    qian.set_password("correct horse")
    qian.save()
    return qian
