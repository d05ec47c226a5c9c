"""Counts what the release build of Sluice allocates, and fails when it is too much: see Bench/README.md."""
