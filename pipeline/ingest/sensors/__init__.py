"""Sensors on hosts (Defender, CrowdStrike, SentinelOne, Carbon Black, Cortex, Elastic, eCAR) as Windows' events."""
