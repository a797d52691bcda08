"""Lines of standard input as syslog writes them: `stamp.py HOST PROGRAM`."""

import sys
from datetime import datetime

for line in sys.stdin:
    now = datetime.now().astimezone().strftime("%b %e %H:%M:%S")
    print(f"{now} {sys.argv[1]} {sys.argv[2]}[700]: {line.strip()}", flush=True)
