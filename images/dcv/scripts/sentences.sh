#!/usr/bin/env bash
# Shared by the other scripts: one line a fact on stdout, and one file a failed step that the health check reads out.

# /run/desktop in the container; tests choose their own.
run_dir="${DCV_AGENT_RUN:-/run/desktop}"
step="$(basename "$0" .sh)"

# say LEVEL SENTENCE: the shape of the agent's lines, so that one filter reads both.
say() { printf '%s %s %s step=%s\n' "$(date -u +%FT%TZ)" "$1" "$2" "$step"; }

# refuse SENTENCE: ends this step; the sentence stays in failed-<step> until the step succeeds.
refuse() {
  say ERROR "$1" >&2
  mkdir -p "$run_dir"
  printf '%s\n' "$1" >"$run_dir/.failed-$step" && mv "$run_dir/.failed-$step" "$run_dir/failed-$step"
  exit 1
}

# succeeded SENTENCE: takes back what an earlier try of this step said.
succeeded() {
  rm -f "$run_dir/failed-$step"
  say INFO "$1"
}
