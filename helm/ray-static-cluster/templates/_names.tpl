{{/* Every object is called after the cluster: the seed's names, which people's notebooks have in them. */}}
{{- define "ray.head" -}}{{ .Values.cluster }}-ray-head{{- end }}
{{- define "ray.worker" -}}{{ .Values.cluster }}-ray-worker{{- end }}
{{- define "ray.service" -}}{{ .Values.cluster }}-ray-head-svc{{- end }}
{{- define "ray.account" -}}{{ .Values.cluster }}-daft{{- end }}

{{/* What selects the pods of one part; dict "root" $ "role" "head". Holds the cluster: in the seed two clusters' Services once
     selected each other's heads. Never changes, because a workload's selector cannot. */}}
{{- define "ray.selector" -}}
hubsmith.io/ray-cluster: {{ .root.Values.cluster | quote }}
hubsmith.io/ray-role: {{ .role }}
{{- end }}

{{/* Labels of every object of this chart; dict "root" $ "role" "head". */}}
{{- define "ray.labels" -}}
{{ include "ray.selector" . }}
app.kubernetes.io/name: ray
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/version: {{ .root.Values.rayVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}
