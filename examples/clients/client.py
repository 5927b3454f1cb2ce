"""Prints how many people are at URL_ID: python3 client.py KEY URL_ID PRESENCE_ID GATEWAY... (https://host)"""
import http.client, random, sys, time, urllib.error, urllib.parse, urllib.request

key, url_id, presence_id, *gateways = sys.argv[1:]
query = urllib.parse.urlencode({"key": key, "urlId": url_id, "pId": presence_id})
last_id, tries = "", 0
while True:
    url = f"{random.choice(gateways)}/sub?{query}"
    headers = {"Accept": "text/event-stream", "Last-Event-ID": last_id}
    start, hint = time.monotonic(), None
    try:
        # The server repeats the number every 25 s; a stream that is silent for 60 s is dead.
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as stream:
            for line in stream:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name == "data" and value.isdecimal():
                    print(value, flush=True)
                elif name == "id":
                    last_id = value
                elif name == "retry":
                    hint = int(value) / 1000  # seconds until one may come back
    except urllib.error.HTTPError as error:
        if error.code in (400, 401, 403):
            sys.exit(error.read().decode())
        hint = int(error.headers.get("Retry-After", 5))
    except (OSError, http.client.HTTPException):
        pass
    tries = 0 if time.monotonic() - start > 30 else tries + 1
    time.sleep(hint or random.uniform(0, min(60, 2 ** (tries - 1))))
