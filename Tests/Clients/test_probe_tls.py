"""The probe and certificates: each thing that can be wrong with one is told by name, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from probing import Probed, checked, probe
from requirement import requirement
from upstreams.certificates import Identity, SecureListener, issue
from upstreams.healthy import Healthy, Listener

pytestmark = pytest.mark.timeout(120)


class Authority:
    """A root that the probe is told to trust, and an intermediate of it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.root = issue("Root of a Test")
        self.middle = issue("Middle of a Test", self.root)
        self.file = home / "root.pem"
        self.file.write_bytes(self.root.pem)

    def probe(self, own: Identity, *chain: Identity, url: str | None = None, arguments: tuple[str, ...] = ()) -> Probed:
        with SecureListener(Healthy(), self.home, own, *chain) as listener:
            target = listener.url if url is None else url.format(port=listener.server_address[1])
            return checked(probe(target, "--cacert", str(self.file), *arguments))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def saw(probed: Probed, check: str) -> str:
    return next(finding["saw"] for finding in probed.report["findings"] if finding["id"] == check)


def only(probed: Probed, check: str) -> str:
    """It is the one error, and what was seen of it."""
    assert probed.errors_found == [check] and probed.status == 1, probed.report["findings"]
    assert set(probed.grave) == {check}, probed.grave
    return saw(probed, check)


@requirement("PR-17")
def test_a_good_certificate_is_clean(authority: Authority) -> None:
    own = issue("Good", authority.middle, hosts=("localhost",))
    probed = authority.probe(own, authority.middle)
    assert probed.status == 0 and probed.seconds < 15, probed.grave
    assert "because of --cacert" in saw(probed, "tls.authority") and probed.findings["tls.authority"] == "note"


@requirement("PR-17")
def test_an_expired_certificate_is_told_with_its_date(authority: Authority) -> None:
    own = issue("Old", authority.middle, hosts=("localhost",), days=(-90, -3.5))
    words = only(authority.probe(own, authority.middle), "tls.expired")
    assert words == f"it expired on {own.certificate.not_valid_after_utc:%Y-%m-%d}, 3 days ago"
    own = issue("Young", authority.middle, hosts=("localhost",), days=(2, 90))
    words = only(authority.probe(own, authority.middle), "tls.expired")
    assert words == f"it is not valid before {own.certificate.not_valid_before_utc:%Y-%m-%d}"


@requirement("PR-17")
def test_an_expired_intermediate_is_told_by_name(authority: Authority) -> None:
    middle = issue("Old Middle", authority.root, days=(-90, -3))
    own = issue("Good", middle, hosts=("localhost",))
    assert "CN=Old Middle in its chain expired" in only(authority.probe(own, middle), "tls.expired")


@requirement("PR-17")
def test_a_certificate_for_another_host_is_told_with_its_hosts(authority: Authority) -> None:
    own = issue("Elsewhere", authority.middle, hosts=("mcp.example.com", "*.example.org", "192.0.2.7"))
    words = only(authority.probe(own, authority.middle), "tls.host")
    assert words == "it is for mcp.example.com, *.example.org, 192.0.2.7"
    own = issue("Here", authority.middle, hosts=("127.0.0.1",))
    assert authority.probe(own, authority.middle, url="https://127.0.0.1:{port}/mcp").status == 0


@requirement("PR-17")
def test_a_chain_that_is_not_whole_is_told_apart_from_an_unknown_authority(authority: Authority) -> None:
    own = issue("Lonely", authority.middle, hosts=("localhost",), is_public=True)
    words = only(authority.probe(own), "tls.chain")
    assert words == "one certificate came; that of its issuer (CN=Middle of a Test) did not"
    stranger = issue("Of a Stranger", issue("Stranger"), hosts=("localhost",))
    assert only(authority.probe(stranger), "tls.authority") == "its issuer is CN=Stranger"
    alone = issue("Alone", hosts=("localhost",))
    assert only(authority.probe(alone), "tls.authority") == "it is signed by itself (CN=Alone)"


@requirement("PR-17")
def test_a_certificate_that_expires_soon_is_a_warning(authority: Authority) -> None:
    own = issue("Late", authority.middle, hosts=("localhost",), days=(-80, 9.5))
    probed = authority.probe(own, authority.middle)
    assert probed.status == 1 and set(probed.grave) == {"tls.expiring"} and not probed.errors_found, probed.grave
    assert saw(probed, "tls.expiring").endswith("in 9 days")
    # One that never lasts longer has time.
    short = issue("Short", authority.middle, hosts=("localhost",), days=(-1, 5))
    assert authority.probe(short, authority.middle, arguments=("--only", "tls")).status == 0


@requirement("PR-17")
def test_a_scheme_that_is_wrong_is_told_with_the_right_url(authority: Authority) -> None:
    own = issue("Good", authority.middle, hosts=("localhost",))
    with SecureListener(Healthy(), authority.home, own, authority.middle) as listener:
        probed = checked(probe(listener.url.replace("https", "http")))
    assert only(probed, "reach.scheme").startswith(f"{listener.url} answers")
    with Listener(Healthy()) as listener:
        probed = checked(probe(listener.url.replace("http", "https"), bearer="very-secret"))
    assert only(probed, "reach.scheme").startswith(f"{listener.url} answers")


def test_a_file_without_certificates_is_refused(tmp_path: Path) -> None:
    probed = probe("https://localhost/mcp", "--cacert", str(tmp_path / "nothing.pem"))
    assert probed.status == 64 and "--cacert" in probed.errors and len(probed.errors.splitlines()) == 1
