# The Daft seed's two commands, with its variables; ./hub ray can more.
#   make ray-up   [CLUSTER_NAME=default] [WORKER_REPLICA_COUNT=4] [HUB_ENV=daft]
#   make ray-down [CLUSTER_NAME=default] [HUB_ENV=daft] [YES=1]
CLUSTER_NAME ?= default
WORKER_REPLICA_COUNT ?= 4
HUB_ENV ?= daft
# Ending a cluster ends what runs on it: it asks, or wants YES=1 where nobody can type.
YES ?=

.PHONY: help ray-up ray-down

help:
	@sed -n '1,3s/^# \{0,1\}//p' Makefile

ray-up:
	./hub ray up "$(HUB_ENV)" "$(CLUSTER_NAME)" --workers "$(WORKER_REPLICA_COUNT)"

ray-down:
	./hub ray down "$(HUB_ENV)" "$(CLUSTER_NAME)" $(if $(YES),--yes)
