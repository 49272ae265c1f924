"""What a pull request changes, for the people who review it: a report in Markdown, and which envs are touched."""
