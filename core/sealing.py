"""Sealing of personal fields: AES-256-GCM at rest, and a keyed digest to find them by.

A sealed value is: version, key id (one byte each), a random nonce of 12 bytes, ciphertext with tag.
It is bound to its place ("table.column.key"), so it cannot be moved to another row. Keys come from
settings.SEALING_KEYS (id -> 32 bytes); the highest id writes, all read.
"""

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

VERSION, NONCE = 1, 12


class Unreadable(Exception):
    """A sealed value that no key opens, or that belongs elsewhere."""


def seal(text: str, place: str) -> bytes:
    """Seal a text for its place."""
    key_id = max(settings.SEALING_KEYS)
    nonce = secrets.token_bytes(NONCE)
    sealed = AESGCM(settings.SEALING_KEYS[key_id]).encrypt(nonce, text.encode(), place.encode())
    return bytes([VERSION, key_id]) + nonce + sealed


def unseal(sealed: bytes, place: str) -> str:
    """The text again. Unreadable where the key is gone or the place is another."""
    sealed = bytes(sealed)
    if len(sealed) < 2 + NONCE or sealed[0] != VERSION or sealed[1] not in settings.SEALING_KEYS:
        raise Unreadable
    cipher = AESGCM(settings.SEALING_KEYS[sealed[1]])
    try:
        return cipher.decrypt(sealed[2 : 2 + NONCE], sealed[2 + NONCE :], place.encode()).decode()
    except InvalidTag:
        raise Unreadable from None


def blind_index(text: str) -> str:
    """A digest that finds equal texts and tells nothing without its key; 32 hex digits."""
    return hmac.new(settings.INDEX_KEY, text.encode(), hashlib.sha256).hexdigest()[:32]
