"""What detectors remember of entities, compiled once: most detectors need no kernel of their own.

Each memory is a bounded table per key group whose least recently seen entry gives way. Its method takes columns of m
rows in log order, learns each row after answering for it, and ignores rows whose key is 0 (unknown): they get NaN.
"""
