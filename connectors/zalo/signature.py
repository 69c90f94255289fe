"""Who signed a webhook: `mac = SHA-256(app id + raw body + timestamp + OA secret key)`, no HMAC.

In production exactly this form is accepted. `matching_forms` tries others offline, to tell an administrator
what is wrong with a captured event.
"""

from __future__ import annotations

import hashlib
import hmac

HEADER = "x-zevent-signature"


def mac_of(first: str, body: bytes, timestamp: str, secret: str) -> str:
    """The digest, lower-case hex, of the four parts joined as bytes."""
    return hashlib.sha256(first.encode() + body + timestamp.encode() + secret.encode()).hexdigest()


def is_signed(header: str, body: bytes, timestamp: str, app_id: str, secret: str) -> bool:
    """Whether `header` (`mac=<hex>` or bare hex) is our own digest of `body` as it was received."""
    return hmac.compare_digest(_given(header).encode(), mac_of(app_id, body, timestamp, secret).encode())


def matching_forms(
    header: str,
    body: bytes,
    stamps: dict[str, str],
    first_parts: dict[str, str],
    secrets: dict[str, str],
) -> list[str]:
    """Names of all the forms under which the signature is right: of plain SHA-256 over every combination of a
    first part, a timestamp and a secret, and of HMAC over the body. The dicts map a name to its value."""
    given = _given(header)
    found = [
        f"sha256({first} + body + {stamp} + {secret})"
        for first, first_value in first_parts.items()
        for stamp, stamp_value in stamps.items()
        for secret, secret_value in secrets.items()
        if given == mac_of(first_value, body, stamp_value, secret_value)
    ]
    found += [
        f"hmac-sha256(key={secret}, body)"
        for secret, value in secrets.items()
        if given == hmac.new(value.encode(), body, "sha256").hexdigest()
    ]
    return found


def _given(header: str) -> str:
    return header.strip().lower().removeprefix("mac=").strip()
