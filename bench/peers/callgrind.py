"""One life of the gateway under callgrind, with a paced audience."""

import json
import pathlib
import re
import subprocess
import tempfile

import servers

VIEWERS = 200
SECONDS = 5
PACES = (20, 60)


def run(transport, pace, build, cores, profile):
    """(instructions, deliveries), and the profile of callgrind in the file `profile`."""
    with tempfile.TemporaryDirectory(prefix="instructions-") as directory:
        server = servers.LiveCounter(servers.ROOT / build, directory, cores[0])
        server.run_gateway_by = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}"]
        try:
            server.start(for_opening=False)
            command = ["taskset", "--cpu-list", str(cores[1]), str(server.binaries / "bench-bin/livecounter-load"),
                       "--json=-", f"--target=127.0.0.1:{server.port}", f"--transport={transport}",
                       f"--connections={VIEWERS}", "--base=1000", f"--paced={SECONDS}s", f"--pace={pace}",
                       *server.load_flags(for_opening=False)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        finally:
            server.stop()
        total = re.search(r"^(?:totals|summary): (\d+)", pathlib.Path(profile).read_text(), re.M)
        return int(total[1]), json.loads(done.stdout)["paced"]["deliveries"]
