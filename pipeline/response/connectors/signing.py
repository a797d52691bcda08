"""Signatures of webhooks, so that the receiver knows who called, when, and that nothing was altered."""

import hashlib
import hmac

TIMESTAMP, SIGNATURE = "X-Wardwatch-Timestamp", "X-Wardwatch-Signature"


def signed_headers(secret: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Headers: the time in seconds, and `v1=` with the hexadecimal HMAC-SHA-256 of `timestamp.body`.

    >>> signed_headers("key", 1700000000, b"{}")["X-Wardwatch-Signature"][:13]
    'v1=afb5ea74aa'
    """
    digest = hmac.new(secret.encode(), b"%d." % timestamp + body, hashlib.sha256).hexdigest()
    return {TIMESTAMP: str(timestamp), SIGNATURE: f"v1={digest}"}
