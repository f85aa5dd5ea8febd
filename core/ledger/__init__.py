"""What models cost: prices, budgets, one row per call, reports."""
