"""Who answers a question: tiers in order, each of which answers, passes or abstains."""
