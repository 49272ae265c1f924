"""What a removal does inside the cluster before Terraform: the hub, people's work, load balancers nobody planned, Karpenter's nodes.

`ground` says what goes, `workloads` and `fronts` find, `freeze` acts, `pools` empties nodes. `namespaces` explains what does not go;
nothing here takes a finalizer away. `recovery` is an install's part: what a stopped removal or a killed helm left is put right.
"""
