"""What a person can be given for what was proved: credentials, and the certificates issued for them."""
