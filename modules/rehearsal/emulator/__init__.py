"""The emulated AWS account: moto behind a small front, and our own answers where moto has none.

Answered by ourselves, from memory and the public API reference: all of EKS (clusters, access entries, add-ons, node
groups, pod identity, updates); Backup selections, vault policies and tag reads; the EFS backup policy; EC2 monitoring;
AWS's public SSM parameters for EKS images; Session Manager's sessions; the tagging API's rows for EKS, IAM, Cognito,
Backup plans, event rules and parts of EC2. Mended in moto: conditions in bucket policies, tag specifications of launch
templates, private zones, Cognito's users (invitations sent again, names without case).

What passes here proves the graph, the schemas, the order, and that a second plan is empty, with the real Terraform and the
real AWS provider. It does not prove that AWS accepts a request: IAM effects, quotas, capacity, DNS validation, EKS's own
checks, and whatever happens inside a cluster are not emulated. docs/rehearsal.md says it service by service.
"""
