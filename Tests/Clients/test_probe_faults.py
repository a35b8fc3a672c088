"""Each faulty server gets its finding from the probe, and no other error."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from probing import Crowd, probe
from requirement import requirement
from server import free_port
from upstreams.faults import FAULTS, Fault

# All are probed at once; the first test waits for its own only, behind those before it.
pytestmark = pytest.mark.timeout(200)


@pytest.fixture(scope="module")
def crowd() -> Iterator[Crowd]:
    crowd = Crowd()
    for fault in sorted(FAULTS, key=lambda fault: -fault.seconds):
        crowd.send(fault.name, fault.site(), "--seed", "7", *fault.arguments, bearer=fault.bearer)
    yield crowd
    crowd.dismiss()


# What no server of this table can show; `Tests/MCPProbeTests`, `test_probe.py` and `test_probe_tls.py` have them.
ELSEWHERE = {
    "reach.address", "reach.connect", "reach.ipv6", "reach.ipv4", "reach.private", "reach.port", "reach.tls", "reach.http", "reach.scheme",
    "access.token-needed", "tls.expired", "tls.host", "tls.chain", "tls.authority", "tls.expiring",
}  # fmt: skip


@requirement("PR-10")
def test_every_check_has_a_server_with_its_fault() -> None:
    checks = {check["id"] for check in probe(f"http://127.0.0.1:{free_port()}/mcp").report["checks"]}
    assert checks == {fault.finding for fault in FAULTS} | ELSEWHERE
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


@requirement("PR-10")
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_faulty_server_gets_its_finding_and_no_other_error(fault: Fault, crowd: Crowd) -> None:
    probed = crowd[fault.name]
    assert probed.findings.get(fault.finding) == fault.weight, probed.report["findings"]
    assert probed.errors_found == ([fault.finding] if fault.weight == "error" else []), probed.grave
    assert probed.status == (0 if not probed.grave else 1), probed.grave
    assert probed.seconds < 2 * fault.seconds, f"it took {probed.seconds} s"
