"""hpctl: the launcher's client, under the name and with the verbs Hydroplane's users know."""
