"""Sluice beside HAProxy, nginx and Envoy, in one run: see Bench/README.md."""
