"""The load program, and what stands between it and a server: nginx from Debian as it comes."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

from server import binary, eventually, free_port

NGINX = """
daemon off; master_process off; pid {home}/nginx.pid; error_log {home}/nginx.log; events {{ worker_connections 4096; }}
http {{
    access_log off; client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/f;
    uwsgi_temp_path {home}/u; scgi_temp_path {home}/s;
    server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://127.0.0.1:{behind}; {more} }} }}
}}
"""


class Proxy:
    """nginx with its defaults, which buffer; only where it listens and writes is ours, and what is named."""

    def __init__(self, home: Path, behind: int, more: str = "") -> None:
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        self.port = free_port()
        home.mkdir(parents=True, exist_ok=True)
        configuration = home / "nginx.conf"
        configuration.write_text(NGINX.format(home=home, port=self.port, behind=behind, more=more))
        self.process = subprocess.Popen(
            [program, "-p", str(home), "-c", str(configuration)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            eventually(self._listens, 10, "nginx listens")
        except AssertionError:
            self.stop()
            raise

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mcp"

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


class Load:
    """`personas`, under way."""

    def __init__(self, url: str, *options: str, seconds: float, rate: float) -> None:
        self.seconds = seconds
        command = [binary("PERSONAS_BIN", "personas"), "--url", url, "--seconds", str(seconds), "--rate", str(rate)]
        self.process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.began = time.monotonic()

    @property
    def is_over(self) -> bool:
        return self.process.poll() is not None

    def report(self) -> str:
        """Its last line; every answer came, or this fails with what did not."""
        text, _ = self.process.communicate(timeout=self.seconds + 120)
        assert self.process.returncode == 0, text
        return text.splitlines()[-1]
