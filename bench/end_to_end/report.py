"""Medians and ratios of runs, as tables of text."""
from statistics import median

from drain import NOISY_CORES


def quiet(runs):
    """The runs that nothing disturbed; all of them where there is none."""
    return [run for run in runs if run["others_busy_cores"] <= NOISY_CORES] or runs


def ratios(runs, over, under, figure="messages_per_second"):
    """over / under in each pass that has both."""
    of = lambda name: {run["pass"]: run[figure] for run in runs if run["contender"] == name}
    above, below = of(over), of(under)
    return [above[number] / below[number] for number in sorted(above.keys() & below.keys()) if below[number]]


def table(rows):
    widths = [max(len(str(row[i])) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(str(cell).ljust(width) if i == 0 else str(cell).rjust(width)
                      for i, (cell, width) in enumerate(zip(row, widths))) for row in rows]


def drain_table(runs, base):
    """One table a workload. Rates and costs are medians; a ratio is the median of the passes' own ratios."""
    lines = []
    for workload in dict.fromkeys(run["workload"] for run in runs):
        of_workload = [run for run in runs if run["workload"] == workload]
        rows = [("contender", "messages/s", f"/ {base}", "lowest-highest", "CPU s/million", "walsender", "Redis", "RSS MB", "runs")]
        for name in dict.fromkeys(run["contender"] for run in of_workload):
            mine = [run for run in of_workload if run["contender"] == name]
            middle = lambda figure: median(run[figure] for run in quiet(mine))
            of_base = ratios(of_workload, name, base)
            calm = sum(run["others_busy_cores"] <= NOISY_CORES for run in mine)
            rows.append((name, f"{middle('messages_per_second'):.0f}", f"{median(of_base):.2f}" if of_base else "-",
                         f"{min(of_base):.2f}-{max(of_base):.2f}" if of_base else "-", f"{middle('client_cpu_per_million'):.1f}",
                         f"{middle('walsender_cpu_per_million'):.1f}", f"{middle('redis_cpu_per_million'):.1f}",
                         f"{middle('peak_rss_mb'):.0f}", f"{len(mine)} ({calm} quiet)"))
        lines += ["", f"{workload}, {of_workload[0]['rows']} rows"] + table(rows)
    return lines
