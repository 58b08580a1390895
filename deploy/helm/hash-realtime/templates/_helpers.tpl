{{- define "hash-realtime.name" -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- end }}

{{/* What selects the pods: never changes between two versions. */}}
{{- define "hash-realtime.selector" -}}
app.kubernetes.io/name: hash-realtime
app.kubernetes.io/instance: {{ include "hash-realtime.name" . }}
{{- end }}

{{- define "hash-realtime.labels" -}}
{{ include "hash-realtime.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "hash-realtime.metadata" -}}
name: {{ include "hash-realtime.name" . }}
labels:
  {{- include "hash-realtime.labels" . | nindent 2 }}
{{- end }}
