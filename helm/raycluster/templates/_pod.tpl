{{/* What head and workers have in common; dict "root" $ "size" .Values.head. */}}
{{- define "ray.pod" -}}
serviceAccountName: {{ include "ray.account" .root }}
# Users' code runs in these containers; the autoscaler alone is given a token for Kubernetes.
automountServiceAccountToken: false
enableServiceLinks: false
nodeSelector: {{- toYaml .root.Values.nodeSelector | nindent 2 }}
{{- with .root.Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .root.Values.user }}
  runAsGroup: {{ .root.Values.group }}
  fsGroup: {{ .root.Values.group }}
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "ray.volumes" -}}
- name: shm
  # A little more than the object store, which dies when other programs' files here leave it too little.
  emptyDir: {medium: Memory, sizeLimit: {{ add .size.objectStoreMib 64 }}Mi}
- name: tmp
  emptyDir: {sizeLimit: {{ .root.Values.scratch }}}
{{- end }}

{{/* Annotations of the pods. */}}
{{- define "ray.annotations" -}}
hubsmith.io/secrets: {{ .Values.token.revision | default "" | quote }}
# Neither autoscaler of nodes may move a pod in the middle of somebody's work.
cluster-autoscaler.kubernetes.io/safe-to-evict: "false"
karpenter.sh/do-not-disrupt: "true"
{{- end }}

{{/* The token's variables are the operator's. */}}
{{- define "ray.environment" -}}
# Nobody outside is told what runs here.
- {name: RAY_USAGE_STATS_ENABLED, value: "0"}
# The root file system cannot be written.
- {name: XDG_CACHE_HOME, value: /tmp/.cache}
{{- end }}

{{- define "ray.confined" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: {{ .Values.readOnlyRootFilesystem }}
capabilities: {drop: [ALL]}
{{- end }}

{{- define "ray.mounts" -}}
- {name: shm, mountPath: /dev/shm}
- {name: tmp, mountPath: /tmp}
{{- end }}

{{/* Requests and limits are one: the pod is the node's only one, and is the last that a node short of memory ends. */}}
{{- define "ray.resources" -}}
requests: {cpu: {{ .cpu | quote }}, memory: {{ .memoryMib }}Mi}
limits: {cpu: {{ .cpu | quote }}, memory: {{ .memoryMib }}Mi}
{{- end }}

{{/* Flags of `ray start` that both have, as the operator writes them; dict "root" $ "size" .Values.head. */}}
{{- define "ray.flags" -}}
{{- $left := sub .size.memoryMib (add .size.objectStoreMib .size.systemMib) }}
{{- if le $left 0 }}{{ fail (printf "memoryMib %v leaves nothing beside objectStoreMib and systemMib" .size.memoryMib) }}{{ end -}}
object-manager-port: {{ .root.Values.ports.objectManager | quote }}
node-manager-port: {{ .root.Values.ports.nodeManager | quote }}
dashboard-agent-listen-port: {{ .root.Values.ports.agent | quote }}
dashboard-agent-grpc-port: {{ .root.Values.ports.agentGrpc | quote }}
runtime-env-agent-port: {{ .root.Values.ports.runtimeEnv | quote }}
metrics-export-port: {{ .root.Values.ports.metrics | quote }}
min-worker-port: {{ .root.Values.ports.workersFrom | quote }}
max-worker-port: {{ .root.Values.ports.workersTo | quote }}
num-cpus: {{ .size.numCpus | quote }}
memory: {{ mul $left 1048576 | quote }}
object-store-memory: {{ mul .size.objectStoreMib 1048576 | quote }}
block: "true"
{{- end }}
