"""Floor 1: values and decisions. Pure: no clock, no randomness, no I/O, no asyncio."""
