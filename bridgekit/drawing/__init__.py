"""Networks as boxes and cables: a graph, and a writer for each form that it can be drawn in."""
