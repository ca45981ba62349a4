"""Plans as pure data, and functions from plan to plan: this room runs nothing fast."""
