"""Memories by the thousand, put in through memory_store as clients do, from a process of their own."""

import multiprocessing
import random
import threading
import time

from . import client

# Pronounceable, so that the index holds words of the lengths and repetitions of real notes.
SYLLABLES = [a + b for a in "bdfgklmnprstv" for b in "aeiou"]
WORDS_IN_ALL = 8_000
WORDS_IN_ONE = 24
WRITERS = 4


def vocabulary():
    chance = random.Random(1)
    return ["".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) for _ in range(WORDS_IN_ALL)]


def content(words, chance):
    # A few words are everywhere and most are rare.
    return " ".join(words[int(WORDS_IN_ALL * chance.random() ** 3)] for _ in range(WORDS_IN_ONE))


def _write(port, seed, count, stop, stored):
    words, chance = vocabulary(), random.Random(seed)
    connection = client.Connection(port)
    session = connection.open_session()
    while count != 0 and not stop.is_set():
        connection.call("memory_store", {"content": content(words, chance)}, session)
        count -= 1
        with stored.get_lock():
            stored.value += 1
    connection.close()


def _writers(port, seed, count, stop, stored):
    shares = [count // WRITERS + (1 if writer < count % WRITERS else 0) for writer in range(WRITERS)]
    threads = [
        threading.Thread(target=_write, args=(port, seed * 100 + writer, share, stop, stored), daemon=True)
        for writer, share in enumerate(shares)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Writers:
    """Writes `count` memories over several connections, or until it is left when `count` is negative."""

    def __init__(self, port, seed, count=-WRITERS):
        self.stop = multiprocessing.Event()
        self.stored = multiprocessing.Value("q", 0)
        arguments = (port, seed, count, self.stop, self.stored)
        self.process = multiprocessing.Process(target=_writers, args=arguments, daemon=True)

    def __enter__(self):
        self.process.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.process.join(30)
        if self.process.is_alive():
            self.process.kill()


def fill(port, count, limit):
    """(how many were stored, seconds): `count`, or as many as can be stored in `limit` seconds."""
    start = time.monotonic()
    with Writers(port, seed=7, count=count) as writers:
        writers.process.join(limit)
    return writers.stored.value, time.monotonic() - start
