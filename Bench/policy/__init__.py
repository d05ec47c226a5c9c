"""What the policy must reach, measured: one part for each requirement, and the report of all."""
