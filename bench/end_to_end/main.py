"""The end-to-end benchmarks; scripts/bench gives it servers and programs.

  main.py [drain] [latency] [idle] --service PROGRAM --programs FOLDER [options]     all three where none is named
  main.py [scaling] [slow] --service PROGRAM [options]                              cost by amount of work; a slow Redis
  main.py compare --service A --service B [options]                                 the drain of two builds
"""
import argparse
import datetime
import glob
import json
import os
import subprocess
import sys

from contenders import Nowhere, RecvLogical, Service
from drain import Failed, drain
from latency import idle, latency
from report import drain_table
from scaling import BACKLOGS, PARTS, scaling, scaling_table
from servers import Servers
from slow import slow


def say(line):
    print(line, flush=True)


def parse():
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measures the service end to end.")
    parser.add_argument("modes", nargs="*", help="drain, latency, idle, scaling, slow; or compare")
    parser.add_argument("--service", action="append", required=True, help="the service's program")
    parser.add_argument("--label", action="append", default=[], help="its name in the tables")
    parser.add_argument("--programs", help="folder of the benchmark programs")
    parser.add_argument("--quick", action="store_true", help="small and few")
    parser.add_argument("--rows", type=int, help="of every workload")
    parser.add_argument("--passes", type=int)
    parser.add_argument("--workloads", default="small,batch")
    parser.add_argument("--contenders", help="comma-separated: some of recvlogical, nowhere, service, each with -unix too")
    parser.add_argument("--rates", help="of the latency runs, commits a second")
    parser.add_argument("--seconds", type=int, help="of each latency run, or of a slow Redis")
    parser.add_argument("--parts", default=",".join(PARTS), help="of scaling")
    parser.add_argument("--largest", type=int, help="backlog of scaling, messages; 10000000 takes some minutes")
    parser.add_argument("--micro", help="folder of the microbenchmarks' JSON files, to be put into the results")
    parser.add_argument("--out", help="JSON file for the results")
    parser.add_argument("--folder", default=".", help="for logs")
    return parser.parse_args()


def contenders_of(options):
    if "compare" in options.modes:
        return [Service(label, program) for label, program in zip(options.label, options.service)]
    names = (options.contenders or ("recvlogical,nowhere,service" if options.quick else
                                    "recvlogical,nowhere,service,nowhere-unix,service-unix")).split(",")
    made = []
    for name in names:
        kind, unix = name.removesuffix("-unix"), name.endswith("-unix")
        if kind == "recvlogical":
            made.append(RecvLogical(name, unix))
        elif kind == "nowhere":
            made.append(Nowhere(name, f"{options.programs}/end_to_end/drain_to_nowhere", unix))
        elif kind == "service":
            made.append(Service(name, options.service[0], unix))
        else:
            raise SystemExit(f"no contender {name}")
    return made


def about(servers):
    """What was measured, where and when."""
    described = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    with open("/proc/cpuinfo") as cpus:
        model = next((line.split(":")[1].strip() for line in cpus if line.startswith("model name")), "unknown")
    return {
        "commit": described.stdout.strip(),
        "at": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "cpu": model},
        "postgres": servers.value("show server_version"),
        "redis": servers.redis.info("server")["redis_version"],
    }


def micro_results(folder):
    """Every microbenchmark's figures by program; seconds for one unit of work in "each"."""
    found = {}
    for path in sorted(glob.glob(f"{folder}/*.json")) if folder else []:
        with open(path) as file:
            rows = json.load(file)["benchmarks"]
        wanted = ("each", "cpu_each", "allocated_bytes_each", "a_message", "cpu_time", "time_unit")
        found[os.path.basename(path)[:-5]] = {row["name"]: {k: row[k] for k in wanted if k in row} for row in rows}
    return found


def main():
    options = parse()
    unknown = set(options.modes) - {"drain", "latency", "idle", "scaling", "slow", "compare"}
    if unknown:
        raise SystemExit(f"scripts/bench: no mode {unknown.pop()}")
    modes = options.modes or ["drain", "latency", "idle"]
    quick = options.quick
    servers = Servers()
    results = about(servers) | {"micro": micro_results(options.micro)}

    if "drain" in modes or "compare" in modes:
        sizes = {"small": 100_000, "batch": 200_000} if quick else {"small": 400_000, "batch": 600_000}
        sizes = {name: options.rows or sizes[name] for name in options.workloads.split(",")}
        contenders = contenders_of(options)
        runs = drain(servers, contenders, sizes, options.passes or (1 if quick else 5), options.folder, say)
        base = contenders[0].name
        for line in drain_table(runs, base):
            say(line)
        results["compare" if "compare" in modes else "drain"] = runs
    service = Service("service", options.service[0])
    if "latency" in modes:
        say("\nlatency, commit to a blocked consumer of the first of two queues")
        rates = [int(rate) for rate in (options.rates or ("1000" if quick else "100,1000,5000,20000")).split(",")]
        consumer = f"{options.programs}/end_to_end/consume_latency"
        results["latency"] = latency(servers, service, consumer, rates, options.seconds or (4 if quick else 20), options.folder, say)
    if "idle" in modes:
        results["idle"] = idle(servers, service, 5 if quick else 20, options.folder, say)
    if "scaling" in modes:
        say("\nscaling")
        results["scaling"] = scaling(servers, options.service[0], options.parts.split(","), options.rows or (50_000 if quick else 300_000),
                                     options.largest or (100_000 if quick else BACKLOGS[-1]), options.passes or (1 if quick else 3),
                                     options.folder, say)
        for line in scaling_table(results["scaling"]):
            say(line)
    if "slow" in modes:
        say("")
        results["slow"] = slow(servers, options.service[0], options.rows, options.seconds or (5 if quick else 30), options.folder, say)
    if options.out:
        with open(options.out, "w") as file:
            json.dump(results, file, indent=1)


if __name__ == "__main__":
    try:
        main()
    except Failed as failure:
        sys.exit(f"scripts/bench: {failure}")
