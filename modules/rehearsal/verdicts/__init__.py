"""What is wrong with chart values and manifests, found without a cluster: schemas, rules, and mistakes schemas do not see."""
