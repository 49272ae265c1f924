"""What would stop an install, asked of AWS before anything is made: one check a file, all at once, in one table."""
