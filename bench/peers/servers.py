"""The servers that are compared: how each is started, loaded and stopped.

Every server keeps its files in a directory of its own, listens on free ports of loopback, and is stopped
by the ids of the processes that it was started as.
"""

import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PEERS = ROOT / "bench" / "peers"
NODE = ROOT / "tests" / "node" / "node_modules" / ".bin" / "node"
READY_SECONDS = 15
STOP_SECONDS = 10


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(what, is_true):
    end = time.monotonic() + READY_SECONDS
    while not is_true():
        if time.monotonic() > end:
            raise RuntimeError(f"waited {READY_SECONDS} s for {what}")
        time.sleep(0.02)


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def with_children(pid):
    """`pid` and all that descend from it."""
    pids = [pid]
    for parent in pids:
        for path in pathlib.Path(f"/proc/{parent}/task").glob("*/children"):
            with contextlib.suppress(FileNotFoundError):
                pids += [int(child) for child in path.read_text().split()]
    return pids


def output_of(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.stdout.strip()


class Server:
    """One server, on one core. `start()` once, then `stop()` whatever happened."""

    name = ""
    # Its processes, in the order of pids(); None where they are alike.
    parts = None
    # Handshakes at a time that it takes without refusing any.
    max_opening = 128

    def __init__(self, binaries, directory, core):
        self.binaries = binaries
        self.directory = pathlib.Path(directory)
        self.core = core
        self.port = free_port()
        self.processes = []

    def spawn(self, *command):
        log = (self.directory / "log").open("a")
        pinned = ["taskset", "--cpu-list", str(self.core), *map(str, command)]
        process = subprocess.Popen(pinned, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self.processes.append(process)
        return process

    def write(self, name, text):
        path = self.directory / name
        path.write_text(text)
        return path

    def await_port(self, port):
        wait_until(f"{self.name} to listen", lambda: listens(port) or self.fail_if_dead())

    def fail_if_dead(self):
        for process in self.processes:
            if process.poll() is not None:
                raise RuntimeError(f"{self.name} ended: {(self.directory / 'log').read_text()[-2000:]}")
        return False

    def pids(self):
        return [pid for process in self.processes for pid in with_children(process.pid)]

    def stop(self):
        pids = self.pids()
        # One after the other: the last may need the first to end well.
        for process in reversed(self.processes):
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for process in self.processes:
            process.wait()

    # What follows differs.

    def start(self, for_opening):
        """`for_opening`: nothing will be changed, and viewers are to be counted where there are such."""
        raise NotImplementedError

    def load_flags(self, for_opening):
        raise NotImplementedError

    def version(self):
        raise NotImplementedError


class LiveCounter(Server):
    """livecounter-gateway and livecounter-counterd. Changes are visitors who join through another session."""

    name = "livecounter"
    parts = ["counterd", "gateway"]
    run_gateway_by = []  # a program and its flags, such as valgrind
    min_update_interval = "0"

    def start(self, for_opening):
        self.edge_port = free_port()
        self.spawn(self.binaries / "bin/livecounter-counterd", f"--data_dir={self.directory}/data", "--demo", "--grpc_listen=",
                   f"--edge_listen=127.0.0.1:{self.edge_port}", "--metrics_listen=", "--log_level=warning")
        self.token = self.directory / "data/edge-token"
        wait_until("the edge token", lambda: self.token.exists() or self.fail_if_dead())
        self.await_port(self.edge_port)
        # While viewers come, their number goes to each once only; else every change goes out at once.
        interval = "1m" if for_opening else self.min_update_interval
        self.spawn(*self.run_gateway_by, self.binaries / "bin/livecounter-gateway", f"--http_listen=127.0.0.1:{self.port}",
                   "--console_listen=", "--metrics_listen=", f"--edge=127.0.0.1:{self.edge_port}", f"--edge_token_file={self.token}",
                   "--threads=1", f"--min_update_interval={interval}", "--drain_seconds=0", "--log_level=warning")
        self.await_port(self.port)

    def load_flags(self, for_opening):
        contributes = "t" if for_opening else "f"
        flags = [f"--path=/sub?urlId=c{{counter}}&key=demo&pId=v{{connection}}&i={contributes}", "--await_first"]
        if not for_opening:
            flags += ["--changes=join", f"--edge=127.0.0.1:{self.edge_port}", f"--edge_token_file={self.token}"]
        return flags

    def version(self):
        return output_of(self.binaries / "bin/livecounter-gateway", "--version").split("\n")[0]


class BareLoop(Server):
    """bench/load/bare_loop.cc: one epoll loop that does nothing but send."""

    name = "bare loop"

    def start(self, for_opening):
        self.spawn(self.binaries / "bench-bin/bare-loop", self.port)
        self.await_port(self.port)

    def load_flags(self, for_opening):
        return ["--path=/c{counter}", "--changes=post", "--post_path=/c{counter}"]

    def version(self):
        return "this commit"


class Nchan(Server):
    name = "nginx + nchan"

    def start(self, for_opening):
        user = "user root;" if os.geteuid() == 0 else ""
        config = self.write("nginx.conf", f"""
            load_module /usr/lib/nginx/modules/ngx_nchan_module.so;
            {user}
            daemon off;
            pid {self.directory}/pid;
            error_log {self.directory}/log warn;
            worker_processes 1;
            worker_rlimit_nofile 20000;
            events {{ worker_connections 19000; }}
            http {{
              access_log off;
              keepalive_requests 10000000;
              client_body_temp_path {self.directory}/body;
              nchan_shared_memory_size 128M;
              server {{
                listen 127.0.0.1:{self.port} backlog=4096;
                location ~ ^/sub/(c[0-9]+)$ {{
                  nchan_subscriber websocket eventsource;
                  nchan_channel_id $1;
                }}
                location ~ ^/pub/(c[0-9]+)$ {{
                  nchan_publisher http;
                  nchan_channel_id $1;
                  nchan_message_buffer_length 1;
                }}
              }}
            }}
            """)
        self.spawn("nginx", "-p", self.directory, "-e", self.directory / "log", "-c", config)
        self.await_port(self.port)

    def load_flags(self, for_opening):
        return ["--path=/sub/c{counter}", "--changes=post", "--post_path=/pub/c{counter}"]

    def version(self):
        nchan = output_of("dpkg-query", "--show", "--showformat", "${Version}", "libnginx-mod-nchan")
        return f"{output_of('nginx', '-v').removeprefix('nginx version: ')}, nchan {nchan}"


class NpmWs(Server):
    name = "npm ws"

    def start(self, for_opening):
        self.spawn(NODE, PEERS / "ws_server.mjs", self.port)
        self.await_port(self.port)

    def load_flags(self, for_opening):
        return ["--path=/c{counter}", "--changes=post", "--post_path=/c{counter}"]

    def version(self):
        package = (ROOT / "tests/node/node_modules/ws/package.json").read_text()
        return f"ws {re.search(r'.version.: .([0-9.]+)', package)[1]}, Node {output_of(NODE, '--version')}"


class Pushpin(Server):
    """With zurl and a backend that lets every client watch the channel it asks for."""

    name = "Pushpin"
    max_opening = 8

    def start(self, for_opening):
        backend_port = free_port()
        self.publish_port = free_port()
        run = self.directory
        self.write("routes", f"* 127.0.0.1:{backend_port},over_http\n")
        zurl = self.write("zurl.conf", f"""[General]
in_spec=ipc://{run}/zurl-in
in_stream_spec=ipc://{run}/zurl-in-stream
out_spec=ipc://{run}/zurl-out
in_req_spec=ipc://{run}/zurl-req
defpolicy=allow
max_open_requests=2000
buffer_size=200000
timeout=600
""")
        # As Debian's own, with ports and paths of ours, and without limits on what is sent.
        config = self.write("pushpin.conf", f"""[global]
include={{libdir}}/internal.conf
rundir={run}
ipc_prefix=p-

[runner]
services=condure,pushpin-proxy,pushpin-handler
http_port=127.0.0.1:{self.port}
logdir={run}
log_level=1
client_buffer_size=8192
client_maxconn=19000

[proxy]
routesfile={run}/routes
zurl_out_specs=ipc://{run}/zurl-in
zurl_out_stream_specs=ipc://{run}/zurl-in-stream
zurl_in_specs=ipc://{run}/zurl-out

[handler]
push_in_spec=ipc://{run}/push
push_in_sub_specs=ipc://{run}/push-sub
push_in_http_addr=127.0.0.1
push_in_http_port={self.publish_port}
command_spec=ipc://{run}/command
stats_spec=ipc://{run}/stats
message_rate=10000000
message_hwm=10000000
""")
        self.spawn(NODE, PEERS / "pushpin_backend.mjs", backend_port)
        self.spawn("zurl", f"--config={zurl}", "--loglevel=1")
        self.spawn("pushpin", f"--config={config}", f"--logfile={run}/log", "--loglevel=1")
        for port in (backend_port, self.port, self.publish_port):
            self.await_port(port)
        # The port is open before the proxy behind it is.
        wait_until("Pushpin to serve", self.serves)

    def serves(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as client:
                client.sendall(b"GET /c0 HTTP/1.1\r\nHost: pushpin\r\nAccept: text/event-stream\r\n\r\n")
                return client.recv(12) == b"HTTP/1.1 200"
        except OSError:
            return False

    def load_flags(self, for_opening):
        return ["--path=/c{counter}", "--changes=post", f"--post_target=127.0.0.1:{self.publish_port}",
                "--post_path=/publish/", "--post_unanswered=1",
                '--post_body={"items":[{"channel":"c{counter}","formats":{"ws-message":{"content":"{number}"},'
                '"http-stream":{"content":"data: {number}\\n\\n"}}}]}']

    def version(self):
        return output_of("pushpin", "--version").split("\n")[0]


ALL = [BareLoop, LiveCounter, Nchan, NpmWs, Pushpin]
