"""Mutation testing of the snippets: does breaking any line of them make a test fail?

`faults` plants, `equivalents` knows which faults change nothing, `fork` runs a topic's tests
on one faulty file after the other, `run` spreads that over processes, `report` sums up.

By hand, because mutmut leaves decorated functions out, which are most of a snippet, and cosmic-ray
starts a process for each fault and writes into the working tree. Here a fault costs a fork.
"""
