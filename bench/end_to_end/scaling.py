"""Whether a message costs the same however much there is: of queues, tables, backlog and unmonitored transactions.
Rows of one size throughout. A consumer empties the queues all the while, so that Redis' memory bounds no backlog."""
from statistics import median

import workloads
from contenders import Service
from drain import run_once
from report import quiet, table

PARTS = ("queues", "tables", "backlog", "unmonitored")
QUEUES = (1, 2, 4, 8, 16)
TABLES = (1, 100, 2_000)
BACKLOGS = (10_000, 100_000, 1_000_000)
OTHERS = 100  # one transaction in so many touches the monitored table


def _backlogs(part, rows, largest):
    """Each backlog: what loads it, and the cases that drain it as (case, messages, settings of the service)."""
    if part == "start":
        yield (lambda s: workloads.load(s, "batch", 1)), [(n, 1, {}) for n in range(3)]
    elif part == "queues":
        yield (lambda s: workloads.load(s, "batch", rows)), [(n, rows, {"queues": n}) for n in QUEUES]
    elif part == "tables":
        for n in TABLES:
            yield (lambda s, n=n: workloads.load_tables(s, n, rows)), [(n, rows, {"tables": "bench_tables.*"})]
    elif part == "backlog":
        for n in sorted({n for n in BACKLOGS if n < largest} | {largest}):
            yield (lambda s, n=n: workloads.load(s, "batch", n)), [(n, n, {})]
    elif part == "unmonitored":
        yield (lambda s: workloads.load(s, "small", rows // OTHERS)), [(0, rows // OTHERS, {})]
        yield (lambda s: workloads.load_others(s, rows, OTHERS)), [(rows - rows // OTHERS, rows // OTHERS, {})]


def scaling(servers, program, parts, rows, largest, passes, folder, say):
    """Every case of the parts `passes` times; a list of runs. The service's CPU is what it uses beyond a drain of a single
    message, which is its start."""
    runs, slot, start = [], "bench_scaling", 0
    for part in ("start", *parts):
        for load, cases in _backlogs(part, rows, largest):
            workloads.create_table(servers)
            servers.create_slot(slot)
            try:
                load(servers)
                for number in range(passes):
                    for case, messages, settings in cases:
                        service = Service(f"{part}-{case}", program, **settings)
                        figures = run_once(servers, service, slot, messages, folder, consumed=True)
                        figures["client_cpu_per_million"] -= start / messages
                        runs.append({"part": part, "case": case, "pass": number} | figures)
                        say(f"  {part} {case}: {figures['messages_per_second']} messages/s")
            finally:
                servers.drop_slot(slot)
        if part == "start":
            start, runs = median(run["client_cpu_per_million"] for run in runs), []
    return runs


def scaling_table(runs):
    """Medians. CPU seconds are those of a million messages."""
    rows = [("", "messages/s", "CPU s/million", "walsender", "Redis", "RSS MB", "received", "frames", "keepalives", "runs")]
    for part, case in dict.fromkeys((run["part"], run["case"]) for run in runs):
        mine = quiet([run for run in runs if (run["part"], run["case"]) == (part, case)])
        middle = lambda figure: median(run[figure] for run in mine)
        rows.append((f"{part} {case}", f"{middle('messages_per_second'):.0f}", f"{middle('client_cpu_per_million'):.2f}",
                     f"{middle('walsender_cpu_per_million'):.2f}", f"{middle('redis_cpu_per_million'):.2f}",
                     f"{middle('peak_rss_mb'):.0f}", *(f"{middle(name):.0f}" for name in ("messages", "frames", "keepalives")), len(mine)))
    return ["", *table(rows)]
