"""./hub restore: recovery points of the env's file system in AWS Backup, made, listed, and brought back beside what is there."""
