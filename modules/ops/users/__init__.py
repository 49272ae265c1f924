"""./hub users: who is in an env's Cognito user pool, inviting, disabling and resetting people, and their groups."""
