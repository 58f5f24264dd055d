"""Every check can fail: mutations of the simulated deployment, and the cases that notice."""
