"""What the house pays for: tiers, rates, and where each partner stands."""
