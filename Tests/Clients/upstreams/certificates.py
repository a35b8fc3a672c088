"""Certificates as good and as bad as a test wants them, and servers that show them."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from upstreams.healthy import Listener

DAY = datetime.timedelta(days=1)
CA_ISSUERS = AuthorityInformationAccessOID.CA_ISSUERS


@dataclass
class Identity:
    """A key and the certificate of it."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def issue(
    name: str, by: Identity | None = None, *, hosts: tuple[str, ...] = (), days: tuple[float, float] = (-80, 300),
    is_public: bool = False,
) -> Identity:  # fmt: skip
    """By itself, unless by another. Without hosts it is an authority's. One that is public says where its issuer is."""
    now = datetime.datetime.now(datetime.timezone.utc)
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(by.certificate.subject if by else _name(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + days[0] * DAY)
        .not_valid_after(now + days[1] * DAY)
        .add_extension(x509.BasicConstraints(ca=not hosts, path_length=None), critical=True)
    )
    if hosts:
        builder = builder.add_extension(x509.SubjectAlternativeName([_host(host) for host in hosts]), critical=False)
    if is_public:
        place = x509.UniformResourceIdentifier("http://authority.example/issuer.cer")
        access = x509.AuthorityInformationAccess([x509.AccessDescription(CA_ISSUERS, place)])
        builder = builder.add_extension(access, critical=False)
    return Identity(key, builder.sign(by.key if by else key, hashes.SHA256()))


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


class SecureListener(Listener):
    """A server that shows its own certificate, and those after it."""

    def __init__(self, site: object, home: Path, own: Identity, *chain: Identity) -> None:
        super().__init__(site)
        key = own.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file = home / f"{self.server_address[1]}.pem"
        file.write_bytes(key + own.pem + b"".join(other.pem for other in chain))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        # The handshake is done by the connection's own thread: one that fails must not stop the others.
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def url(self) -> str:
        return super().url.replace("http://127.0.0.1", "https://localhost")
