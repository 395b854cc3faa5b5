"""What is measured, against what, and what has to hold: `python -m benchmarks [names]`."""
