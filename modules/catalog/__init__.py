"""Data with dates and sources: EKS versions, instance shapes, component versions. Standard library alone."""
