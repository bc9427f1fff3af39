"""How fast the site answers, beside the least that the same answer costs. `python -m benchmarks.api`"""
