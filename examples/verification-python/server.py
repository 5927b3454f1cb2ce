"""A site with sign-in whose visitors are counted only while they are signed in. Everybody sees the number.

    LIVECOUNTER_API_KEY=… LIVECOUNTER_SIGNING_SECRET=whsec_… python3 server.py

and then, as the product's verification endpoint, https://your-site.example/verify.
"""

import http.cookies
import http.server
import os
import sys
import traceback
import urllib.parse

from sessions import Sessions
from verify import answer

MAX_BODY_BYTES = 4096


def setting(name, otherwise=None):
    value = os.environ.get(name, otherwise)
    if value is None:
        sys.exit(f"{name} is not set")
    return value


def page(presence_id, api_key, gateway):
    """`presence_id` is None where nobody is signed in: then the page watches and does not count."""
    if presence_id is None:
        who = "view-only"
        form = (
            '<form method="post" action="/sign-in">'
            '<input name="user" placeholder="Any name" required><button>Sign in</button></form>'
        )
    else:
        who = f'p-id="{presence_id}"'
        form = '<form method="post" action="/sign-out"><button>Sign out</button></form>'
    return f"""<!doctype html>
<meta charset="utf-8">
<title>Who is here</title>
<script src="{gateway}/client.js" async></script>
<p>Signed-in people here now: <live-counter key="{api_key}" url-id="front page" {who}>–</live-counter></p>
{form}
"""


class Site(http.server.ThreadingHTTPServer):
    # The test opens 500 connections at once: let them wait to be accepted.
    request_queue_size = 1024
    daemon_threads = True

    def __init__(self, port):
        super().__init__(("127.0.0.1", port), Handler)
        self.sessions = Sessions()
        self.api_key = setting("LIVECOUNTER_API_KEY")
        self.signing_secret = setting("LIVECOUNTER_SIGNING_SECRET")
        self.gateway = setting("LIVECOUNTER_GATEWAY", "http://127.0.0.1:8080")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept for later calls
    timeout = 60  # seconds that an idle one may keep its thread
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave together

    def do_GET(self):
        if self.path != "/":
            return self.reply(404, "not found")
        sessions = self.server.sessions
        user = sessions.user_of(self.session_id())
        presence_id = None if user is None else sessions.presence_id(user)
        html = page(presence_id, self.server.api_key, self.server.gateway)
        return self.reply(200, html, {"Content-Type": "text/html; charset=utf-8"})

    def do_POST(self):
        routes = {"/verify": self.verify, "/sign-in": self.sign_in, "/sign-out": self.sign_out}
        try:
            body = self.body()
            routes.get(self.path, self.nothing_there)(body)
        except Exception:
            traceback.print_exc()
            self.close_connection = True  # of the body, some may not have been read
            self.reply(500, "internal error")

    def verify(self, body):
        server = self.server
        self.reply(*answer(self.headers, body, server.api_key, server.signing_secret, server.sessions.has))

    def sign_in(self, body):
        """Where yours asks for a password, this believes everybody."""
        user = urllib.parse.parse_qs(body.decode()).get("user", [""])[0]
        if not user:
            return self.reply(400, "a user has a name")
        session_id = self.server.sessions.sign_in(user)
        return self.to_front_page(f"session={session_id}; HttpOnly; SameSite=Lax; Path=/")

    def sign_out(self, _body):
        self.server.sessions.sign_out(self.session_id())
        self.to_front_page("session=; Max-Age=0; Path=/")

    def nothing_there(self, _body):
        self.reply(404, "not found")

    def body(self):
        size = int(self.headers.get("Content-Length", "0"))
        if size > MAX_BODY_BYTES:
            raise ValueError("the body is too long")
        return self.rfile.read(size)

    def session_id(self):
        cookie = http.cookies.SimpleCookie(self.headers.get("Cookie", "")).get("session")
        return None if cookie is None else cookie.value

    def to_front_page(self, cookie):
        self.reply(303, "", {"Location": "/", "Set-Cookie": cookie})

    def reply(self, status, text, headers=None):
        content = text.encode()
        self.send_response(status)
        for name, value in {"Content-Type": "text/plain", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args):
        """A line for each call would be 1,000 in a test."""


if __name__ == "__main__":
    site = Site(int(setting("PORT", "3000")))
    print(f"listening on http://127.0.0.1:{site.server_port}", flush=True)
    site.serve_forever()
