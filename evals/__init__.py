"""Quality measured: cases, scorers, thresholds, runner and benchmarks."""
