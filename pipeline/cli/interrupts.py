"""Ctrl-C at any place: an interrupt that a library swallows strikes again, one that it wraps is known by its trace."""

import _thread
import signal
import sys
import threading
import weakref
from types import FrameType

_AGAIN_S = 0.1
"""Not at once: that would be the same callback."""
_CHAIN = 32
"""Errors of a chain that are looked at."""


class _Interrupt(KeyboardInterrupt):
    """One Ctrl-C. A class of its own, since only such an exception can be watched by a weak reference."""


class _Watch:
    """What became of the last interrupt."""

    def __init__(self) -> None:
        self.struck = False
        self._last: weakref.ref[_Interrupt] | None = None

    def interrupt(self) -> _Interrupt:
        """A new one to raise. Should it die before `taken`, somebody swallowed it."""
        made = _Interrupt()
        self.struck = True
        self._last = weakref.ref(made, self._died)
        return made

    @property
    def pending(self) -> bool:
        """Whether one has struck that was not taken."""
        return self._last is not None

    def taken(self) -> None:
        """The last one has arrived where it is answered."""
        self._last = None

    def _died(self, dead: "weakref.ref[_Interrupt]") -> None:
        if dead is self._last:
            again = threading.Timer(_AGAIN_S, self._strike, (dead,))
            again.daemon = True
            again.start()

    def _strike(self, dead: "weakref.ref[_Interrupt]") -> None:
        if dead is self._last:  # neither taken nor struck again since
            _thread.interrupt_main()


_WATCH = _Watch()


def prepare() -> None:
    """Once, before a command runs. Where SIGINT is ignored, as in jobs of the background, it stays so."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _on_signal)
    sys.unraisablehook = _unraisable


def finish() -> None:
    """At the end of all: what Ctrl-C would cut from here on has nothing more to say."""
    if signal.getsignal(signal.SIGINT) is _on_signal:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def taken() -> None:
    """Said by who answers an interrupt otherwise than by ending, before it goes on."""
    _WATCH.taken()


def behind(error: BaseException) -> bool:
    """Whether an interrupt, or what a library made of it, is what `error` came from. Some tell of it in words only."""
    step: BaseException | None = error
    for _ in range(_CHAIN):
        if step is None or isinstance(step, KeyboardInterrupt):
            break
        step = step.__cause__ or step.__context__
    return _WATCH.pending or isinstance(step, KeyboardInterrupt)


def _on_signal(_number: int, _frame: FrameType | None) -> None:
    # Not kept in a name here: the exception's trace would hold it, and it would never die.
    raise _WATCH.interrupt()


def _unraisable(lost: "sys.UnraisableHookArgs") -> None:
    """An interrupt in a callback of the compiler dies here, and what it left half made cannot be cleaned up."""
    if not (_WATCH.struck or issubclass(lost.exc_type, KeyboardInterrupt)):
        sys.__unraisablehook__(lost)
