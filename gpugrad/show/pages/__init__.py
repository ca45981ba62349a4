"""Pages: a graph, or a plan, as one HTML file that can be stepped through and changed."""
