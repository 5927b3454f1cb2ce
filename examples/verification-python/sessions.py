"""Who is signed in, and the presence ID that stands for them. In memory; yours are in a database."""

import base64
import collections
import hashlib
import hmac
import secrets
import threading


class Sessions:
    """May be used by many threads at once."""

    def __init__(self):
        self._lock = threading.Lock()
        self._users = {}  # session ID, which is the cookie's value -> user
        self._counts = collections.Counter()  # presence ID -> sessions of that user
        self._secret = secrets.token_bytes(32)

    def presence_id(self, user):
        """The same for all sessions of a user, who then counts once.

        Made from the name with a secret: the page shows it and URLs hold it, so it must be neither the
        session ID nor guessable.
        """
        digest = hmac.new(self._secret, user.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def sign_in(self, user):
        """The ID of a new session."""
        session_id = secrets.token_urlsafe(24)
        with self._lock:
            self._users[session_id] = user
            self._counts[self.presence_id(user)] += 1
        return session_id

    def sign_out(self, session_id):
        with self._lock:
            user = self._users.pop(session_id, None)
            if user is None:
                return
            presence_id = self.presence_id(user)
            self._counts[presence_id] -= 1
            if self._counts[presence_id] == 0:
                del self._counts[presence_id]

    def user_of(self, session_id):
        """None where nobody is signed in."""
        with self._lock:
            return self._users.get(session_id)

    def has(self, presence_id):
        with self._lock:
            return presence_id in self._counts
