"""A pretend team: what another project writes to have chat its own way. It uses what EXTENDING.md names."""
