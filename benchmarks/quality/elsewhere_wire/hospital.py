"""One hospital, played: its stories first, since one of them takes devices off the network."""

import gc

from benchmarks.quality.elsewhere_wire import (
    stories_calls,
    stories_devices,
    stories_domain,
    stories_guesses,
    stories_hosts,
    stories_loss,
    stories_probes,
)
from benchmarks.quality.elsewhere_wire.clinic import Clinic
from benchmarks.quality.elsewhere_wire.desks import Desks
from benchmarks.quality.elsewhere_wire.journal import Journal
from benchmarks.quality.elsewhere_wire.plant import Plant
from benchmarks.quality.elsewhere_wire.roaming import Roaming
from benchmarks.quality.elsewhere_wire.site import HOURS, Site
from benchmarks.quality.elsewhere_wire.speech import Speech
from benchmarks.quality.elsewhere_wire.story import Play, Story
from benchmarks.quality.elsewhere_wire.upkeep import Upkeep

ALL = tuple(
    tell
    for room in (
        stories_calls,
        stories_loss,
        stories_probes,
        stories_guesses,
        stories_domain,
        stories_devices,
        stories_hosts,
    )
    for tell in room.ALL
)


def hospital(seed: int, hours: float = HOURS, *, stories: bool = True) -> tuple[Site, list[Story]]:
    """Every kind of story once; the difficulty goes round with the seed. Without stories: a quiet Monday."""
    gc.disable()
    site = Site(seed, hours)
    speech, journal = Speech(site), Journal(site)
    clinic = Clinic(site, speech, journal)
    play = Play(site, speech, journal, clinic)
    told = [tell(play, (seed + k) % 3) for k, tell in enumerate(ALL)] if stories else []
    desks = Desks(site, speech, journal)
    desks.play()
    Roaming(site, speech, journal, desks).play()
    Plant(site, speech, journal).play()
    Upkeep(site, speech, journal).play()
    clinic.play()
    gc.enable()
    return site, told
