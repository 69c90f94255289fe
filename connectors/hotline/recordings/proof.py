"""Whether an event is from whom it says: a signature, a bearer token, or a secret end of the path."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from connectors.hotline.recordings.providers import Proof


def is_genuine(
    proof: Proof, secret: str, *, headers: Mapping[str, str], body: bytes, uri: str, path_token: str
) -> bool:
    """Without a secret nothing is genuine. `headers` have small names, `uri` is path and query."""
    if not secret:
        return False
    if proof.kind == "hmac":
        signed = uri.encode() if proof.over == "uri" or not body else body
        given = headers.get(proof.header.lower(), "")
        return hmac.compare_digest(given.encode(), signature(proof, secret, signed).encode())
    if proof.kind == "bearer":
        given = headers.get(proof.header.lower(), "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), secret.encode())
    return hmac.compare_digest(path_token.encode(), secret.encode())


def signature(proof: Proof, secret: str, signed: bytes) -> str:
    digest = hmac.new(secret.encode(), signed, getattr(hashlib, proof.digest)).digest()
    return base64.b64encode(digest).decode() if proof.encoding == "base64" else digest.hex()


def download_headers(
    download: Mapping[str, Any], secrets: Mapping[str, str], now: int, call_id: str
) -> dict[str, str]:
    """The header with a signed token (JWT, HS256) that a provider wants for its recordings, or none."""
    issuer, key = secrets.get(str(download.get("issuer"))), secrets.get(str(download.get("key")))
    if not issuer or not key:
        return {}
    head = {"typ": "JWT", "alg": "HS256", **(download.get("head") or {})}
    claims = {
        "jti": f"{issuer}-{call_id}-{now}",
        "iss": issuer,
        "exp": now + 600,
        **(download.get("claims") or {}),
    }
    signed = f"{_part(head)}.{_part(claims)}"
    mark = hmac.new(key.encode(), signed.encode(), hashlib.sha256).digest()
    return {str(download["header"]): f"{signed}.{_bare(mark)}"}


def _part(data: Mapping[str, Any]) -> str:
    return _bare(json.dumps(data, separators=(",", ":")).encode())


def _bare(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
