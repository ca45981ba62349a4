"""Images in folders, of which some are decoded when they are asked for."""
