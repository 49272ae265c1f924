{{/* The operator calls the head's Service after the RayCluster: the same name that a static cluster's has. */}}
{{- define "ray.cluster" -}}{{ .Values.cluster }}-ray{{- end }}
{{- define "ray.account" -}}{{ .Values.cluster }}-daft{{- end }}

{{/* Labels of the pods of one part, beside the operator's own; dict "root" $ "role" "head". */}}
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
