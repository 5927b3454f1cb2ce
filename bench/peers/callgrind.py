"""One life of the gateway under callgrind, with a paced audience."""

import dataclasses
import json
import pathlib
import re
import subprocess
import tempfile

import servers

SECONDS = 5


@dataclasses.dataclass(frozen=True)
class Crowd:
    name: str
    viewers: int
    counters: int
    base: int  # what the counters start at
    paces: tuple[int, int]  # changes a second over all counters, of the two runs that are compared


ONE_COUNTER = Crowd("200 viewers of one counter", viewers=200, counters=1, base=1000, paces=(20, 60))
MANY_COUNTERS = Crowd("100 counters with 15 viewers each", viewers=1500, counters=100, base=100, paces=(250, 750))


def run(crowd, transport, pace, build, cores, profile):
    """(instructions, deliveries), and the profile of callgrind in the file `profile`."""
    with tempfile.TemporaryDirectory(prefix="instructions-") as directory:
        server = servers.LiveCounter(servers.ROOT / build, directory, cores[0])
        server.run_gateway_by = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}"]
        try:
            server.start(for_opening=False)
            command = ["taskset", "--cpu-list", str(cores[1]), str(server.binaries / "bench-bin/livecounter-load"),
                       "--json=-", f"--target=127.0.0.1:{server.port}", f"--transport={transport}",
                       f"--connections={crowd.viewers}", f"--counters={crowd.counters}", f"--base={crowd.base}", f"--paced={SECONDS}s", f"--pace={pace}",
                       *server.load_flags(for_opening=False)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        finally:
            server.stop()
        total = re.search(r"^(?:totals|summary): (\d+)", pathlib.Path(profile).read_text(), re.M)
        return int(total[1]), json.loads(done.stdout)["paced"]["deliveries"]
