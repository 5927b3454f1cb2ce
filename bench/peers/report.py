"""What the runs come to: medians over the rounds, and ratios to the bare loop in the same round, as JSON,
Markdown and a plot."""

import json
import statistics

import plot

REFERENCE = "bare loop"
# A run counts when at least this share of its audience was let in, and stayed.
QUORUM = 0.99
TRANSPORT_NAMES = {"websocket": "WebSocket", "events": "server-sent events"}
OPENING = "opening"


def pick(result, path):
    """result["a"]["b"] for "a.b"; None when the run failed."""
    for key in path.split("."):
        if result is None:
            return None
        result = result[int(key)] if isinstance(result, list) else result.get(key)
    return result


def is_whole(result):
    """Whether the audience was there that the figures are to be of."""
    if result is None:
        return False
    opening = result["opening"]
    return opening["opened"] - result["lost"] >= QUORUM * result["connections"]


def line(run):
    """One run, for whoever watches."""
    head = f"{run['round']} {run['case']:>8} {run['transport']:<9} {run['server']:<13}"
    result = run["result"]
    if result is None:
        return f"{head} failed"
    opening = result["opening"]
    text = f"{head} {opening['cpu_us_per_connection']:6.1f} us/handshake"
    if not is_whole(result):
        text += f" NOT COUNTED: only {opening['opened'] - result['lost']} of {result['connections']} connections"
    if run["case"] == OPENING:
        return f"{text} {opening['resident_bytes_per_connection']:8.0f} bytes/connection"
    for phase in ("paced", "fast"):
        figures = result[phase]
        text += (f" | {phase} {figures['cpu_us_per_delivery']:5.2f} us, {figures['deliveries_per_second']:7.0f}/s,"
                 f" p99 {figures['delay_ms']['p99']:.1f} ms")
        if figures["undelivered"]:
            text += f", {figures['undelivered']} undelivered"
    return text


class Runs:
    def __init__(self, runs):
        self.runs = runs
        self.cases = list(dict.fromkeys(run["case"] for run in runs))
        self.transports = list(dict.fromkeys(run["transport"] for run in runs))
        self.servers = list(dict.fromkeys(run["server"] for run in runs))

    def values(self, case, transport, server, path):
        """Round -> figure."""
        found = {}
        for run in self.runs:
            if (run["case"], run["transport"], run["server"]) == (case, transport, server):
                value = pick(run["result"], path) if is_whole(run["result"]) else None
                if value is not None:
                    found[run["round"]] = value
        return found

    def median(self, *key):
        values = self.values(*key).values()
        return statistics.median(values) if values else None

    def ratio(self, case, transport, server, path, reference_path=None):
        """Median of the ratios to the reference in the same round, whose figure may have another path."""
        own = self.values(case, transport, server, path)
        reference = self.values(case, transport, REFERENCE, reference_path or path)
        ratios = [own[number] / reference[number] for number in own if reference.get(number)]
        return statistics.median(ratios) if ratios else None


def number(value, digits):
    return "–" if value is None else f"{value:,.{digits}f}"


def with_ratio(runs, case, transport, server, path, digits=1, reference_path=None):
    value = number(runs.median(case, transport, server, path), digits)
    ratio = runs.ratio(case, transport, server, path, reference_path)
    return value if ratio is None else f"{value} ({ratio:.2f})"


def table(head, rows):
    return "\n".join(["| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows]]) + "\n"


def delivery_table(runs, transport, phase):
    cases = [case for case in runs.cases if case != OPENING]
    rows = [[server, *(with_ratio(runs, case, transport, server, f"{phase}.cpu_us_per_delivery") for case in cases)]
            for server in runs.servers]
    return table(["server", *cases], rows)


def delay_table(runs, transport):
    cases = [case for case in runs.cases if case != OPENING]

    def cell(case, server):
        return " / ".join(number(runs.median(case, transport, server, f"paced.delay_ms.{point}"), 1)
                          for point in ("p50", "p99", "max"))

    return table(["server", *cases], [[server, *(cell(case, server) for case in cases)] for server in runs.servers])


def parts_table(runs, transport, parts):
    """Which process of a server the time of a delivery goes to."""
    cases = [case for case in runs.cases if case != OPENING]

    def cell(case, server, phase, index):
        figure = f"{phase}.cpu_us_per_delivery"
        return with_ratio(runs, case, transport, server, f"{figure}_of.{index}", digits=2, reference_path=figure)

    rows = [[f"{server}: {part}", phase, *(cell(case, server, phase, index) for case in cases)]
            for server, names in parts.items() for index, part in enumerate(names) for phase in ("paced", "fast")]
    return table(["process", "phase", *cases], rows)


def opening_table(runs, transport, parts):
    def row(name, server, suffix):
        def path(step, figure):
            return f"opening.{step}{figure}_per_connection{suffix}"

        handshake = path("", "cpu_us")
        return [name,
                with_ratio(runs, OPENING, transport, server, handshake) if not suffix
                else number(runs.median(OPENING, transport, server, handshake), 1),
                *(number(runs.median(OPENING, transport, server, path(f"steps.{step}.", "cpu_us")), 1) for step in (0, 4)),
                number(runs.median(OPENING, transport, server, path("", "resident_bytes")), 0)]

    rows = []
    for server in runs.servers:
        rows.append(row(server, server, ""))
        rows += [row(f"{server}: {part}", server, f"_of.{index}") for index, part in enumerate(parts.get(server, []))]
    return table(["server", "handshake, µs", "first fifth", "last fifth", "bytes resident"], rows)


def markdown(results, runs, plot_name):
    text = ["# What a delivery costs\n",
            f"{results['date']}, commit {results['commit']}, {results['machine']}, loopback. Made by "
            f"`{results['command']}`; [bench/README.md](../README.md) says what is measured.\n",
            f"Medians of {max(run['round'] for run in runs.runs)} interleaved rounds. µs are processor time, user and "
            "system, of all processes of the server; in brackets the ratio to the bare loop in the same round.\n",
            "\n".join(f"* {server}: {version}" for server, version in results["versions"].items()) + "\n",
            f"![Processor time per delivery beside the bare loop]({plot_name})\n"]
    parts = {run["server"]: run["parts"] for run in runs.runs if run["parts"]}
    for transport in runs.transports:
        text.append(f"## {TRANSPORT_NAMES[transport]}\n")
        if set(runs.cases) != {OPENING}:
            text += ["µs per delivery, as fast as it goes:\n", delivery_table(runs, transport, "fast"),
                     "µs per delivery, at a pace:\n", delivery_table(runs, transport, "paced"),
                     "Update delay at that pace, ms, p50 / p99 / max:\n", delay_table(runs, transport)]
            if parts:
                text += ["µs per delivery by process:\n", parts_table(runs, transport, parts)]
        if OPENING in runs.cases:
            text += ["Opening 15,000 connections, and keeping them:\n", opening_table(runs, transport, parts)]
    return "\n".join(text)


def write(results, directory, stem):
    """The paths that were written."""
    directory.mkdir(parents=True, exist_ok=True)
    runs = Runs(results["runs"])
    paths = {suffix: directory / f"{stem}.{suffix}" for suffix in ("json", "md", "svg")}
    paths["json"].write_text(json.dumps(results, indent=1) + "\n")
    paths["md"].write_text(markdown(results, runs, paths["svg"].name))
    paths["svg"].write_text(plot.bars(
        "Processor time per delivery as fast as it goes, beside the bare loop (1)",
        {f"{TRANSPORT_NAMES[transport]}, {case}":
         {server: runs.ratio(case, transport, server, "fast.cpu_us_per_delivery") for server in runs.servers}
         for transport in runs.transports for case in runs.cases if case != OPENING}))
    return paths.values()
