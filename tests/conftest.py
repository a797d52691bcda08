"""What all tests share: property tests have no time limit an example, as a first call may compile a kernel."""

from hypothesis import settings

settings.register_profile("wardwatch", deadline=None)
settings.load_profile("wardwatch")
