"""Hold what was compiled against torch: graph by graph, and by finished pictures."""
