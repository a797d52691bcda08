"""Sigma rules from a seed: the names are made up, the forms are those of rule sets."""

import random

import yaml

_SYLLABLES = ("ka", "ro", "mi", "tex", "lo", "sun", "par", "vig", "den", "qua", "zo", "bel", "net", "fis", "hul")
_TOOLS = ("powershell.exe", "cmd.exe", "rundll32.exe", "regsvr32.exe", "mshta.exe", "wmic.exe", "net.exe",
          "certutil.exe", "schtasks.exe", "wscript.exe", "svchost.exe", "msiexec.exe", "explorer.exe")  # fmt: skip
_CODES = (4624, 4625, 4688, 4697, 4720, 4769, 5145)
_KEYS = ("\\CurrentVersion\\Run\\", "\\Services\\", "\\Control\\Lsa\\", "\\Windows Defender\\", "\\Classes\\CLSID\\")


class _Maker:
    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def word(self, least: int = 2, most: int = 4) -> str:
        return "".join(self._random.choices(_SYLLABLES, k=self._random.randint(least, most)))

    def words(self, least: int, most: int) -> list[str]:
        return [f" {self._random.choice('-/')}{self.word()}" for _ in range(self._random.randint(least, most))]

    def image(self) -> str:
        return "\\" + (self._random.choice(_TOOLS) if self._random.random() < 0.6 else f"{self.word()}.exe")

    def process(self) -> dict[str, object]:
        selection = {"Image|endswith": [self.image() for _ in range(self._random.randint(1, 4))]}
        detection: dict[str, object] = {"sel_image": selection, "sel_words": {"CommandLine|contains": self.words(1, 8)}}
        if self._random.random() < 0.4:
            detection["sel_all"] = {"CommandLine|contains|all": self.words(2, 3)}
        if self._random.random() < 0.4:
            detection["filter"] = {"ParentImage|endswith": self.image()}
            return detection | {"condition": "all of sel_* and not filter"}
        return detection | {"condition": "all of sel_*"}

    def registry(self) -> dict[str, object]:
        key = {"TargetObject|contains": self._random.choice(_KEYS) + self.word(), "Details|contains": self.words(1, 3)}
        return {"s": key, "condition": "s"}

    def loaded(self) -> dict[str, object]:
        library = {"ImageLoaded|endswith": [f"\\{self.word()}.dll" for _ in range(self._random.randint(1, 20))]}
        known = {"ImageLoaded|startswith": ["C:\\Windows\\System32\\", "C:\\Windows\\SysWOW64\\"]}
        return {"s": library, "f": known, "condition": "s and not f"}

    def script(self) -> dict[str, object]:
        names = [f"Invoke-{self.word().title()}" for _ in range(self._random.randint(1, 30))]
        return {"s": {"ScriptBlockText|contains": names}, "condition": "s"}

    def regex(self) -> dict[str, object]:
        form = {"CommandLine|re": rf"(?i){self.word()}\s+[/-]{self.word()}\s.*\b{self.word()}\d+"}
        return {"s": {"Image|endswith": self.image()} | form, "condition": "s"}

    def security(self) -> dict[str, object]:
        event = {
            "EventID": self._random.choice(_CODES),
            "Status": f"0x{self.word()}",
        }
        return {"s": event, "condition": "s"}

    def pick(self) -> tuple[dict[str, str], dict[str, object]]:
        windows = {"product": "windows"}
        made = (
            ({"category": "process_creation"} | windows, self.process, 55), ({"category": "registry_set"} | windows,
            self.registry, 12), ({"category": "image_load"} | windows, self.loaded, 5), ({"category": "ps_script"} |
            windows, self.script, 10), ({"category": "process_creation"} | windows, self.regex, 8),
            ({"service": "security"} | windows, self.security, 10),
        )  # fmt: skip
        source, make, _ = self._random.choices(made, weights=[m[2] for m in made])[0]
        return source, make()


def synthetic_rules(count: int, seed: int = 7) -> list[tuple[str, str]]:
    """(name, text) of `count` rules."""
    maker = _Maker(seed)
    texts = []
    for k in range(count):
        source, detection = maker.pick()
        rule = {"title": f"synthetic {k}", "logsource": source, "detection": detection, "level": "medium"}
        texts.append((f"synthetic-{k}.yml", yaml.safe_dump(rule)))
    return texts
