"""Who is here: accounts, partners and their members, what each role may do, tokens for programs."""
