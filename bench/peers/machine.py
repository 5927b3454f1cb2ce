"""The machine that measures: its two cores, its limits, its name."""

import os
import pathlib
import resource
import sys


def two_cores():
    """One core for the server and one for its load."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        sys.exit("this takes two cores, one for the server and one for its load")
    return cores[:2]


def raise_file_limit(needed):
    """Lets this process and what it starts have `needed` open files."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if limit != resource.RLIM_INFINITY and limit < needed:
        sys.exit(f"this takes {needed} open files in a process, and no more than {limit} are allowed: "
                 "raise `ulimit -Hn`, or make the audience smaller")
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))


def description():
    cpu = next((line.split(": ")[1] for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")), "unknown processor")
    memory = round(int(pathlib.Path("/proc/meminfo").read_text().split()[1]) / 1024 ** 2)
    return f"{cpu}, {os.cpu_count()} cores, {memory} GiB, Linux {os.uname().release.split('-')[0]}"
