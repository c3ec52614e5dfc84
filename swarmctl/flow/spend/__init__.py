"""What work costs: the worst case before a start, the counters that its agent names, what caps still allow."""
