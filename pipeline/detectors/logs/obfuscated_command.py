"""A command or script is written so that nobody recognises what it does."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import count_of
from pipeline.detectors.logs.host_rule_detector import base_name, process_example
from pipeline.detectors.logs.odd_letters import MARKS, marks
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from schemas.finding import Feature

HABITS, FLEET = 1024, 256  # per key group
DAY_S = 86_400.0
SHELLS = ("sudo", "bash", "-bash", "sh", "-sh", "zsh", "dash", "ksh", "CRON", "CROND", "crond", "anacron")
POWERSHELL_CODES = ("4103", "4104", "800")
_ASKED = np.array((1.0, 3.0, 1.0, 12.0, 4.0, 1.0, 1.0))
"""Of each mark so many tell something at all."""
_BASE = np.array((0.6, 0.5, 0.4, 0.65, 0.5, 0.3, 0.35))
_MORE = np.array((0.1, 0.05, 0.15, 0.02, 0.05, 0.2, 0.25))
_MOST = np.array((0.85, 0.8, 0.8, 0.8, 0.8, 0.85, 0.8))
"""Weight of a mark, of each one more, and at most: what honest scripts of administrators hardly ever have."""
_TOLD = (
    ("word cut from within", "words cut from within"), ("short piece joined", "short pieces joined"),
    ("piece out of order", "pieces out of order"), ("letter given by number", "letters given by number"),
    ("letter given by its code", "letters given by their codes"),
    ("known word in odd letters", "known words in odd letters"),
    ("piece cut out of a variable", "pieces cut out of variables"),
)  # fmt: skip


class ObfuscatedCommand(Detector):
    """Marks of twisted text (`odd_letters`) in command lines, script blocks and lines of shells, of which each makes
    the rest less likely to be honest: 1 - the product of (1 - weight).

    What a host has done by the same marks and program for `routine_d` days is routine and scores half, and so does
    what more than `fleet` hosts of the key group do within a week: minified and packed scripts of this house.
    """

    id = "logs.obfuscated_command"
    title = "Command in disguise"
    severity = 3
    attacks = ("T1027", "T1140")
    source = "logs"
    entity = ("host",)
    entity_type = "host"
    group_by = ("host",)
    inputs = ("action", "program", "event_code", "command_line", "message", "data")
    cost = "5 ns a letter of commands and scripts, up to 4,096 each; 40 bytes a habit of a host, 200 KB in all"
    reference = "ATT&CK T1027; Bohannon and Holmes, Revoke-Obfuscation, 2017"
    misses = (
        "Code that is encoded as a whole (logs.suspicious_command knows the ways to run it), encrypted, or fetched; "
        "names and words that are only meaningless; what is not logged before the shell has undone it."
    )
    defaults: ClassVar[Mapping[str, float]] = {"routine_d": 3.0, "fleet": 2}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._habits = Sightings(setup.groups, HABITS)
        self._fleet = WindowedDistinct(setup.groups, FLEET, 7 * DAY_S, 8)
        self._parts = {"habits": self._habits, "fleet": self._fleet}

    def score(self, batch: Batch) -> Scores:
        values, found = np.full(batch.n, np.nan), np.zeros((batch.n, len(MARKS)))
        line = batch.kind("line")
        line &= batch.is_in("event_code", POWERSHELL_CODES) | batch.is_in("program", SHELLS)
        started = batch.kind("process") & batch.equals("action", "start")
        said = line & (batch.spans("message")[1] > 0)
        for field, which in (("command_line", started), ("message", said), ("data", line & ~said)):
            start, length = batch.spans(field)
            rows = np.flatnonzero(which & (length > 0))
            found[rows] = marks(batch.data, start[rows], length[rows])
            values[rows] = 0.0
        rows = np.flatnonzero((found >= _ASKED).any(axis=1))
        if len(rows):
            weight = np.minimum(_BASE + _MORE * (found[rows] - _ASKED), _MOST)
            told = found[rows] >= _ASKED
            score = 1.0 - np.prod(np.where(told, 1.0 - weight, 1.0), axis=1)
            values[rows] = np.where(self._routine(batch, rows, told), 0.5 * score, score)
        return Scores(values, dict(zip(MARKS, found.T, strict=True)))

    def _routine(self, batch: Batch, rows: np.ndarray, told: np.ndarray) -> np.ndarray:
        """bool[m]: this host, or many, did so before; told bool[m, 7]."""
        ts, groups, host = batch.ts[rows], batch.groups[rows], batch.key_hash[rows] | np.uint64(1)
        sort = (told @ (1 << np.arange(told.shape[1]))).astype(np.uint64)
        what = combine_many(sort, batch.hash("image")[rows] ^ batch.hash("program")[rows]) | np.uint64(1)
        age, _, count = self._habits.note(combine_many(host, what) | np.uint64(1), ts, groups)
        hosts = self._fleet.add(what, host, ts, groups)
        days = float(self.option["routine_d"])
        routine: np.ndarray = (age >= days * DAY_S) & (count >= days) | (hosts > float(self.option["fleet"]))
        return routine

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        counts = np.array([float(column[row]) for column in scores.evidence.values()])
        host, user = named(batch, row, "host", otherwise="a machine"), named(batch, row, "user", otherwise="")
        program = base_name(batch.text("image", row) or batch.text("program", row) or "") or "a script"
        told = np.flatnonzero(counts >= _ASKED).tolist()
        signs = ", ".join(count_of(counts[k], *_TOLD[k]) for k in told) or "nothing odd"
        message = (
            f"On {host} {program} was given a command in disguise" + (f" by {user}" if user else "") + f": {signs}."
        )
        features = [Feature(name=MARKS[k], value=counts[k], usual_low=0, usual_high=_ASKED[k] - 1.0) for k in told] or [
            Feature(name="marks", value=0.0, usual_low=0, usual_high=0)
        ]
        normal = "Commands in the words in which people write them; what a machine does so for days is routine."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        shell = {"kind": "line", "program": "bash"}
        return (
            process_example("carets", True, {"command_line": "cmd /c p^o^w^e^r^s^h^e^l^l -c whoami"}),
            process_example("pieces", True, {"command_line": "powershell &('i'+'ex') ('ne'+'w-o'+'bj'+'ect' + 'x')"}),
            process_example("out of order", True,
                            {"command_line": 'powershell &("{3}{1}{0}{2}" -f "b","O","ject","New-")'}),
            process_example("odd letters", True, {"command_line": "pOwErShElL iNvOkE-eXpReSsIoN (gEt-CoNtEnT x)"}),
            process_example("codes in a shell", True, shell | {"message": "eval $'\\x69\\x64\\x20\\x2d\\x61'"}),
            process_example("everyday commands", False,
                            {"command_line": "powershell Get-ChildItem -Path 'C:\\Users' | Select-Object FullName"},
                            {"command_line": "cmd /c copy a.bak D:\\b_%date:~-4%%time:~0,2%.bak"},
                            {"command_line": "curl 'https://example.org/?q=%7B%22a%22%3A%5B1%5D%7D'"},
                            shell | {"message": "printf '\\033[1mdone\\033[0m\\n'"}),
        )  # fmt: skip
