"""Making the snapshot from raw files; not needed to read it."""

from softpower.evidence.build.snapshot import build_snapshot

__all__ = ["build_snapshot"]
