"""What happens while Redis takes half of what PostgreSQL could send."""
import json
import time

import workloads
from contenders import Service
from drain import Failed
from meter import cpu_seconds, peak_rss_mb
from slow_redis import Busy, loops_for, own_rate


def _stretch(servers, service, process, rows, seconds):
    """Consumes for so long: what came into each queue a second, the most memory, and what the service says limits it."""
    came, in_flight, limits = [0] * len(service.queues), 0, []
    servers.take_all(service.queues)
    begin, used = time.monotonic(), cpu_seconds(process.pid)
    while time.monotonic() < begin + seconds:
        time.sleep(0.1)
        if process.poll() is not None:
            raise Failed(f"the service ended, see the log of {service.name}")
        came = [before + now for before, now in zip(came, servers.take_all(service.queues))]
        if max(came) > 0.9 * rows:
            raise Failed(f"the backlog was too small, {time.monotonic() - begin:.1f} s of {seconds}: more --rows")
        in_flight = max(in_flight, service.metrics()["in_flight_bytes"])
        limits.append(json.loads(service.ask("/status"))["limited_by"]["by"])
    took = time.monotonic() - begin
    return {"seconds": round(took, 1), "messages_per_second": round(min(came) / took),
            "client_cpu_per_million": round((cpu_seconds(process.pid) - used) * 1e6 / min(came), 2),
            "peak_rss_mb": round(peak_rss_mb(process.pid), 1), "most_in_flight_mib": round(in_flight / 2**20, 1),
            "limited_by": max(set(limits), key=limits.count)}


def slow(servers, program, rows, seconds, folder, say):
    """First at full speed, which says what half of it is; then slowed down for `seconds`. A dictionary."""
    rows = rows or max(3_000_000, 1_000_000 + 190_000 * seconds)
    slot, service = "bench_slow", Service("slow", program)
    workloads.create_table(servers)
    servers.create_slot(slot)
    say(f"slow: loading {rows} rows")
    workloads.load(servers, "batch", rows)
    servers.empty_redis()
    full, half, loops = {}, {}, 0
    for stretch in (full, half):
        servers.copy_slot(slot, f"{slot}_copy")
        process = service.start(servers, f"{slot}_copy", rows, folder)
        try:
            service.wait_streaming(servers, f"{slot}_copy", process)
            time.sleep(0.3)
            walsender = servers.walsender_pid(f"{slot}_copy")
            if stretch is full:
                full |= _stretch(servers, service, process, rows, 6)
            else:
                with Busy(servers, loops):
                    half |= _stretch(servers, service, process, rows, seconds)
            stretch["same_walsender"] = servers.walsender_pid(f"{slot}_copy") == walsender
        finally:
            service.stop(process)
            servers.drop_slot(f"{slot}_copy")
            servers.empty_redis()
        if stretch is full:
            loops = loops_for(servers, full["messages_per_second"] / 2)
            say(f"  Redis counts to {loops} beside the service")
    with Busy(servers, loops):
        own = round(own_rate(servers))
    servers.drop_slot(slot)
    say(f"  full speed         {full}")
    say(f"  Redis slowed down  {half}")
    say(f"  Redis takes {own} messages/s so from clients that only push: the service gets {half['messages_per_second'] / own:.2f} of it")
    return {"full": full, "slowed": half, "redis_takes": own}
