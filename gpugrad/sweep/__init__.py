"""The reverse sweep over a graph: as it comes, or by a plan where it comes again."""
