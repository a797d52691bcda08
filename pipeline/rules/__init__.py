"""Sigma rules: read by pySigma, compiled here to run over our events. No I/O but the shipped rules' own files."""
