"""./hub upgrade: another Kubernetes version for a hub that people are working on."""
