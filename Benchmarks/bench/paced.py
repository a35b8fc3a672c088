"""Requests at a fixed rate, whatever becomes of those before: a slow answer delays no later request, only counts."""

import itertools
import threading
import time

from . import client

WORKERS = 16


def paced(port, rate, seconds, send):
    """Milliseconds from when each request was due until its answer was there. `send(connection)` makes one."""
    numbers, took, failures = itertools.count(), [], []
    start = time.monotonic() + 0.2

    def work():
        try:
            connection = client.Connection(port)
            while (number := next(numbers)) < rate * seconds:
                due = start + number / rate
                time.sleep(max(0, due - time.monotonic()))
                send(connection)
                took.append((time.monotonic() - due) * 1000)
            connection.close()
        except (Exception, SystemExit) as error:
            failures.append(error)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + 60)
    if failures or len(took) != int(rate * seconds):
        raise SystemExit(f"{len(took)} of {rate * seconds} paced requests answered; {failures[:1]}")
    return took
