"""Speech: recognition, synthesis and voice activity for Vietnamese, all on this machine."""
