"""Who stands in the laboratory's hospital, and the addresses outside. Makers by their public MAC prefixes."""

ROUTER = "10.77.0.1"
DNS = "10.77.0.2"
PREFIX = "/24"
OUTSIDE_PREFIX = "/15"
OUTSIDE_ROUTER = "198.18.0.1"  # RFC 2544's networks for tests: no address of anybody

WARD = {
    "names": (DNS, "00:1e:4f:20:00:02"),
    "pacs": ("10.77.0.10", "3c:d9:2b:20:00:10"),
    "engine": ("10.77.0.11", "3c:d9:2b:20:00:11"),
    "his": ("10.77.0.12", "3c:d9:2b:20:00:12"),
    "files": ("10.77.0.13", "3c:d9:2b:20:00:13"),
    "web": ("10.77.0.14", "3c:d9:2b:20:00:14"),
    "app": ("10.77.0.15", "3c:d9:2b:20:00:15"),
    "monitor": ("10.77.0.16", "3c:d9:2b:20:00:16"),
    "analyser": ("10.77.0.21", "00:09:5c:20:00:21"),
    "ct": ("10.77.0.31", "08:00:06:20:00:31"),
    "ultrasound": ("10.77.0.32", "00:09:5c:20:00:32"),
    "viewer": ("10.77.0.41", "00:1e:4f:20:00:41"),
    "controller": ("10.77.0.51", "00:80:f4:20:00:51"),
    "plant": ("10.77.0.52", "00:1e:4f:20:00:52"),
    "broker": ("10.77.0.53", "3c:d9:2b:20:00:53"),
    "sensors": ("10.77.0.54", "b8:27:eb:20:00:54"),
    **{f"desk{n}": (f"10.77.0.{100 + n}", f"00:1e:4f:20:01:{n:02x}") for n in range(1, 7)},
}
"""Machine → address, MAC, on the one switch of the ward."""

ROGUE = "desk6"
"""Where whoever attacks from inside sits: a desk that has worked like the others before."""

SITES = {
    "news.reader.example": "198.18.11.5", "shop.linen.example": "198.18.12.9", "maps.city.example": "198.18.13.3",
    "guidelines.clinic.example": "198.19.14.2", "weather.city.example": "198.19.15.8",
    "updates.system.example": "198.18.22.5", "guard.antivirus.example": "198.19.23.4",
    "copies.keeper.example": "198.18.31.6", "time.clock.example": "198.18.1.23",
    "cdn.pixel-sync.example": "198.18.77.7", "drop.quiet-files.example": "198.19.88.8",
}  # fmt: skip
"""Names outside and their addresses; the last two belong to the attacker."""
READ = tuple(SITES)[:5]
UPDATES, GUARD, COPIES, TIME, CONTROL, DROP = tuple(SITES)[5:]
TUNNEL_DOMAIN = "t.pixel-sync.example"

PATIENTS = tuple(f"LAB{n:05d}" for n in range(1, 121))
