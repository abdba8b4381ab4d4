"""How the academy runs: one parent that alone hears Ctrl-C, one process for pages and live frames, one for
jobs.
"""
