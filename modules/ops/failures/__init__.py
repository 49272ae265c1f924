"""What went wrong, by class, in a sentence, with what to do: AWS's, Terraform's, Kubernetes' and helm's errors.

`aws` reads the codes of calls made with boto3, `kubernetes` the answers of the cluster's own API; `terraform` reads what
Terraform and its providers print, by two tables: `terraform_rules` and, for what lives in the cluster, `cluster_rules`.
"""
