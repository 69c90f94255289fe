"""Secrets at rest: AES-256-GCM under a key derived from the app's secret.

Whoever reads the database alone learns nothing; whoever changes the app's secret logs in again.
"""

from __future__ import annotations

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12
_VERSION = "1."


class CannotOpen(Exception):
    """Sealed with another secret, or damaged."""


class Sealer:
    """Seals and opens short texts. `label` says what a text is: it opens under its own label only."""

    def __init__(self, secret: str) -> None:
        derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"kenhdan credentials 1")
        self._cipher = AESGCM(derive.derive(secret.encode()))

    def seal(self, text: str, label: str) -> str:
        nonce = os.urandom(_NONCE)
        sealed = self._cipher.encrypt(nonce, text.encode(), label.encode())
        return _VERSION + base64.urlsafe_b64encode(nonce + sealed).decode()

    def open(self, sealed: str, label: str) -> str:
        """The inverse of `seal`. Raises CannotOpen."""
        try:
            data = base64.urlsafe_b64decode(sealed.removeprefix(_VERSION))
            return self._cipher.decrypt(data[:_NONCE], data[_NONCE:], label.encode()).decode()
        except (InvalidTag, ValueError):
            raise CannotOpen(f"{label} cannot be opened: was the app's secret changed?") from None
