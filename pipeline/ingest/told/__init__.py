"""What lines and JSON records of programs tell that nobody named: logons, requests, flows, processes."""
