"""How exact the link emulator of `sluice lab` is on this machine."""
