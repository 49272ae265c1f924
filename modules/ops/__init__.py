"""Around Terraform: state home, runner, progress, adoption, sweep, reports. Knows AWS by boto3; never the engine of the stacks."""
