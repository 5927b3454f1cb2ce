"""Live Counter asks whether a user may count; this answers. Everything about it that is not HTTP."""

import base64
import binascii
import hashlib
import hmac
import json
import time

# How far the sender's clock and ours may be apart. Older calls may be somebody's recordings.
TOLERANCE_SECONDS = 300


def is_signed(headers, body, signing_secret, now=None):
    """Whether a call was signed with the product's signing secret, as standardwebhooks.com says.

    `headers` has get(), whatever the case of the names; `body` is the request's body in bytes, as it came,
    before anything parsed it.
    """
    message_id = headers.get("webhook-id") or ""
    timestamp = headers.get("webhook-timestamp") or ""
    now = time.time() if now is None else now
    if not message_id or not timestamp.isdecimal() or abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    key = base64.b64decode(signing_secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = hmac.new(key, signed, hashlib.sha256).digest()
    # More than one signature may be there, separated by blanks, while a secret is being replaced.
    return any(_is(expected, given) for given in (headers.get("webhook-signature") or "").split(" "))


def _is(expected, signature):
    version, _, encoded = signature.partition(",")
    try:
        return version == "v1" and hmac.compare_digest(base64.b64decode(encoded), expected)
    except (binascii.Error, ValueError):
        return False


def answer(headers, body, api_key, signing_secret, may_count):
    """What to answer: a status and a text.

    `may_count(presence_id)` says whether a presence ID is that of a user who is signed in. Any answer but
    200 or 401 with the API key leaves the user as they were.
    """
    if not is_signed(headers, body, signing_secret):
        return 403, "not signed by Live Counter"
    presence_id = json.loads(body)["pId"]
    # The two users of the test in the dashboard, who prove that this endpoint is yours.
    if presence_id == "w-valid":
        return 200, api_key
    if presence_id == "w-invalid":
        return 401, api_key
    return (200 if may_count(presence_id) else 401), api_key
