"""What all tests share: property tests have no time limit an example, as a first call may compile a kernel."""

import pytest
from hypothesis import settings

settings.register_profile("wardwatch", deadline=None)
settings.load_profile("wardwatch")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The README takes longest, so it is begun first; two processes end together then."""
    items.sort(key=lambda item: item.path.name != "test_readme.py")
