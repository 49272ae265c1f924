{{/* What selects the pods; never changes, because a workload's selector cannot. */}}
{{- define "desktop-app.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{/* Labels of every object of this chart. */}}
{{- define "desktop-app.labels" -}}
{{ include "desktop-app.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* Claim and volume: neither can be changed, so another folder makes others. */}}
{{- define "desktop-app.claim" -}}
{{ printf "%s-desktop-%s" (.Release.Name | trunc 40 | trimSuffix "-") (printf "%s %s" .Release.Name .Values.hostPath | sha256sum | trunc 6) }}
{{- end }}
{{/* A volume belongs to no namespace: the digest keeps two releases of one cluster apart, however their names are joined. */}}
{{- define "desktop-app.volume" -}}
{{ printf "%s-%s-%s" .Release.Namespace (include "desktop-app.claim" .) (printf "%s/%s" .Release.Namespace .Release.Name | sha256sum | trunc 6) }}
{{- end }}
