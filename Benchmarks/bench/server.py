"""A server process under measurement: started on a free port of the loopback address, stopped for sure."""

import os
import re
import signal
import socket
import subprocess
import tempfile
import time

HOST = "127.0.0.1"
running = []


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


class Server:
    """`log` is the file that standard error goes to, as in production."""

    def __init__(self, command, log):
        self.port = free_port()
        self.log = log
        command = [str(self.port) if word == "PORT" else word for word in command]
        # Appending, so that the file can be emptied between rounds.
        with open(log, "ab") as errors:
            self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors)
        running.append(self)
        self._wait_until_it_listens()

    def _wait_until_it_listens(self):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                socket.create_connection((HOST, self.port), timeout=1).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.02)
        raise SystemExit(f"{self.process.args[0]} does not listen; see {self.log}")

    def resident_kb(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1])

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def empty_log(self):
        os.truncate(self.log, 0)

    def stop(self):
        if self in running:
            running.remove(self)
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def holdfast(program, directory, *flags):
    """A server with an empty data directory, and otherwise the settings of `holdfast serve`."""
    data = tempfile.mkdtemp(prefix="data-", dir=directory)
    command = [*program, "--host", HOST, "--port", "PORT", "--data-dir", data, "--log-format", "json", *flags]
    return Server(command, data + ".log")


def stop_all():
    for server in list(running):
        server.stop()
