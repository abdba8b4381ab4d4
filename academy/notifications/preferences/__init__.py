"""How a person wants to be told: by kind of notice, and when mail has to wait."""
