"""What the list allow protects from actions, hot-reloaded like any list."""

import pytest

from pipeline.features.lists import Lists
from pipeline.runtime.lists.allowed import untouchable
from pipeline.runtime.lists.files import indexed

ROW = {"detector": "response", "entity": "PACS1", "owner": "anna", "reason": "surgery", "until": "2027-01-01"}
NOW = 1.79e9


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({}, True),
        ({"detector": "response.isolate_host"}, True),
        ({"detector": "*"}, True),
        ({"detector": "response.block_domain"}, False),
        ({"detector": "network.beaconing"}, False),
        ({"until": "2026-01-01"}, False),
        ({"owner": ""}, False),
        ({"entity": "pacs2"}, False),
    ],
)
def test_a_row_protects_whom_it_names_until_its_day(change: dict[str, str], kept: bool) -> None:
    lists = Lists()
    why = untouchable(lists, lambda: NOW)
    assert why("isolate_host", "host", "pacs1") == ""
    lists.replace("allow", indexed("allow", [ROW | change], None))
    found = why("isolate_host", "host", "pacs1")
    assert bool(found) == kept
    assert not kept or ("surgery" in found and "anna" in found)


@pytest.mark.parametrize("entity", ["HOSP\\JDoe", "jdoe@hosp.example", "jdoe"])
def test_an_account_is_protected_however_it_is_written(entity: str) -> None:
    lists = Lists()
    lists.replace("allow", indexed("allow", [ROW | {"entity": entity}], None))
    why = untouchable(lists, lambda: NOW)
    assert why("disable_account", "user", "jdoe")
    assert not why("disable_account", "user", "jdoe2")
