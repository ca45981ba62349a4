"""Plans as machine code, which is compiled once and kept."""
