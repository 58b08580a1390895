"""How fast a backlog is drained. The slot is made before the load; every run drains a copy of it."""
import time

import workloads
from meter import Meter

NOISY_CORES = 0.2  # a run during which the rest of the machine took more is counted only where there is no better


class Failed(Exception):
    pass


def run_once(servers, contender, source, messages, folder, consumed=False, limit=600):
    """One contender from its start until it has everything; a dictionary of figures. `consumed`: the queues are emptied
    all the while, so that Redis need not hold everything."""
    slot = f"{source}_copy"
    servers.empty_redis()
    servers.copy_slot(source, slot)
    process = contender.start(servers, slot, messages, folder)
    meter = Meter(process.pid, servers, slot)
    came = [0] * len(contender.queues)
    try:
        deadline = time.monotonic() + limit
        while True:
            ended = process.poll() is not None
            if consumed:
                came = [before + more for before, more in zip(came, servers.take_all(contender.queues))]
            elif contender.pushes:
                came = servers.lengths(contender.queues)
            if (min(came) >= messages) if contender.pushes else ended:
                break
            if ended or time.monotonic() > deadline:
                raise Failed(f"{contender.name} ended early, see {folder}/{contender.name}.log")
            meter.sample()
            time.sleep(0.01)
        figures = meter.stop(messages) | contender.counted()
        code = contender.stop(process)
        if code != 0:
            raise Failed(f"{contender.name} ended with {code}, see {folder}/{contender.name}.log")
        if contender.pushes and not consumed:
            came = servers.lengths(contender.queues)
        if came != [messages] * len(contender.queues):
            raise Failed(f"{contender.name}: the queues got {came}, not {messages} each")
        return figures
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        servers.drop_slot(slot)
        servers.empty_redis()


def drain(servers, contenders, sizes, passes, folder, say):
    """Every workload, `passes` times, the contenders one after the other in each pass, every other pass backwards.
    `sizes`: rows by workload. A list of runs."""
    runs = []
    for workload, rows in sizes.items():
        source = f"bench_{workload}"
        workloads.create_table(servers)
        servers.create_slot(source)
        try:
            say(f"{workload}: loading {rows} rows, {workloads.WORKLOADS[workload]} a transaction")
            workloads.load(servers, workload, rows)
            for number in range(passes):
                for contender in contenders if number % 2 == 0 else contenders[::-1]:
                    figures = run_once(servers, contender, source, rows, folder)
                    runs.append({"workload": workload, "rows": rows, "pass": number, "contender": contender.name} | figures)
                    noise = "  (noisy)" if figures["others_busy_cores"] > NOISY_CORES else ""
                    say(f"  pass {number + 1}  {contender.name:18} {figures['messages_per_second']:>8} messages/s{noise}")
        finally:
            servers.drop_slot(source)
    return runs
