"""Rules for every resource of every stack: aspects that visit resources, and checks of what was synthesised."""
