"""What a verb needs: the hospital, a stream of random draws and a tape to write on."""

from dataclasses import dataclass

from pipeline.simulator.draws import Draws
from pipeline.simulator.tape import Tape
from pipeline.simulator.world.world import World


@dataclass(slots=True, frozen=True)
class Scene:
    """Passed as the first argument to every verb."""

    world: World
    draws: Draws
    tape: Tape
