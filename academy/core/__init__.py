"""What everything else may lean on: time, money, ids, refusals, the rule language. No tables, no business words."""
