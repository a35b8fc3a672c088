"""One connection to a server, another through Holdfast: the same call over each in turns."""

import time

from . import client
from .load import median

WARM_UP = 300


def added(front, behind, post, calls):
    """[microseconds that a call through `front` took longer than the ones to `behind` before and after it]"""
    through, direct = client.Connection(front.port), client.Connection(behind.port)

    def took(connection):
        start = time.perf_counter()
        connection.send(post)
        return (time.perf_counter() - start) * 1e6

    for _ in range(WARM_UP):
        took(through), took(direct)
    differences = []
    before = took(direct)
    for _ in range(calls):
        front_took = took(through)
        after = took(direct)
        differences.append(front_took - median((before, after)))
        before = after
    through.close(), direct.close()
    return differences
