"""Pictures and other media: what they are, made safe, and kept."""
