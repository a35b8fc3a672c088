"""What an application on somebody's machine has beside its MCP client: a place that the browser comes back to, a document
that describes it, and a drawer for its tokens."""

from __future__ import annotations

import datetime
import ipaddress
import json
import queue
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from oauth import answer_in


class Pages:
    """A small web server of the application's own."""

    def __init__(self, certificate: Path | None = None) -> None:
        pages = self
        self.documents: dict[str, bytes] = {}
        self.arrivals: queue.Queue[str] = queue.Queue()
        self.asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                pages.asked.append(self.path)
                document = pages.documents.get(self.path)
                if document is None and self.path.startswith("/callback"):
                    pages.arrivals.put(self.path)
                    document = b"<!doctype html><title>Done</title><p>Back in the application."
                self.send_response(404 if document is None else 200)
                kind = "application/json" if self.path.endswith(".json") else "text/html"
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(document or b"")))
                self.end_headers()
                self.wfile.write(document or b"")

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.origin = f"{'https' if certificate else 'http'}://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def __enter__(self) -> Pages:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def callback(self) -> str:
        return f"{self.origin}/callback"

    def arrival(self) -> dict[str, str]:
        """What the next browser that comes back brings."""
        return answer_in(self.arrivals.get(timeout=20))


def self_signed(place: Path) -> Path:
    """A certificate for 127.0.0.1 and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    place.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return place


def client_document(url: str, name: str, *redirects: str) -> bytes:
    return json.dumps(
        {
            "client_id": url, "client_name": name, "redirect_uris": redirects, "grant_types":
            ["authorization_code", "refresh_token"], "response_types": ["code"], "token_endpoint_auth_method": "none",
        }
    ).encode()  # fmt: skip


class Drawer:
    """Keeps tokens as the official client wants it."""

    def __init__(self) -> None:
        self.tokens: Any = None
        self.client: Any = None
        self.kept = 0

    async def get_tokens(self) -> Any:
        return self.tokens

    async def set_tokens(self, tokens: Any) -> None:
        self.tokens = tokens
        self.kept += 1

    async def get_client_info(self) -> Any:
        return self.client

    async def set_client_info(self, client_info: Any) -> None:
        self.client = client_info
