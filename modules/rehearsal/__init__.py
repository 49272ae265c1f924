"""The embedded default: an AWS account that lives in one process on the loopback interface, for envs that name none."""
