"""Names what a test proves: ids of `Tests/requirements.txt`."""

from __future__ import annotations

import pytest


def requirement(*ids: str) -> pytest.MarkDecorator:
    return pytest.mark.requirement(*ids)
