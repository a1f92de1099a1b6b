"""Mutation testing of the snippets: does breaking any line of them make a test fail?

`faults` plants, `equivalents` knows which faults change nothing, `fork` runs a topic's tests
on one faulty file after the other, `run` spreads that over processes, `report` sums up.
"""
