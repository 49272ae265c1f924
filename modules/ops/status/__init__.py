"""./hub status: what is applied, and what answers: addresses, versions, nodes, people, and the days that things end."""
