"""How quick it is, each figure beside a floor that is measured in the same run: `python -m benchmarks [name ...]`."""
