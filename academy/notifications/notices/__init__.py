"""What a person was told: one row each, whatever way it took."""
