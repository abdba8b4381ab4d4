"""What the API takes and gives, one file a noun. Nothing else of the house is written in these shapes."""
