{{/* Names, labels and addresses. Parts are gateway, counterd, verifier and test. */}}

{{- define "livecounter.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "livecounter.fullname" -}}
{{- $name := include "livecounter.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The labels of everything; of a part's objects with (dict "root" . "part" "gateway"). */}}
{{- define "livecounter.labels" -}}
{{- $root := .root | default . -}}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | trunc 63 }}
app.kubernetes.io/name: {{ include "livecounter.name" $root }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/version: {{ $root.Values.image.tag | default $root.Chart.AppVersion | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
{{- with .part }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{- define "livecounter.selector" -}}
app.kubernetes.io/name: {{ include "livecounter.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{- define "livecounter.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "livecounter.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "livecounter.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- define "livecounter.credentialsSecret" -}}
{{- .Values.credentials.existingSecret | default (printf "%s-credentials" (include "livecounter.fullname" .)) -}}
{{- end -}}

{{/* The host for everything that is not spread over the numbered ones. */}}
{{- define "livecounter.commonHost" -}}
{{- .Values.hosts.common | default .Values.hosts.domain -}}
{{- end -}}

{{/* The numbered hosts, a JSON list: ws00.example.com, ws01.example.com, … */}}
{{- define "livecounter.numberedHosts" -}}
{{- $hosts := list -}}
{{- range $i := until (int .Values.hosts.count) -}}
{{- $hosts = append $hosts (printf "%s%02d.%s" $.Values.hosts.prefix $i $.Values.hosts.domain) -}}
{{- end -}}
{{- toJson $hosts -}}
{{- end -}}

{{/* Those that lead to all gateways, a JSON list. */}}
{{- define "livecounter.sharedHosts" -}}
{{- $hosts := list (include "livecounter.commonHost" .) -}}
{{- if not .Values.hosts.perPod -}}
{{- $hosts = concat $hosts (include "livecounter.numberedHosts" . | fromJsonArray) -}}
{{- end -}}
{{- toJson $hosts -}}
{{- end -}}

{{/* Every host, the console's too, a JSON list without repetitions: what a certificate is for. */}}
{{- define "livecounter.allHosts" -}}
{{- $hosts := concat (list (include "livecounter.commonHost" .)) (include "livecounter.numberedHosts" . | fromJsonArray) -}}
{{- if and .Values.console.enabled .Values.console.host -}}
{{- $hosts = append $hosts .Values.console.host -}}
{{- end -}}
{{- toJson (uniq $hosts) -}}
{{- end -}}

{{- define "livecounter.tlsSecret" -}}
{{- .Values.tls.existingSecret | default (printf "%s-tls" (include "livecounter.fullname" .)) -}}
{{- end -}}

{{/* The Secret with the certificate that a part shows to the others: (dict "root" . "part" "gateway"). */}}
{{- define "livecounter.mtlsSecret" -}}
{{- get .root.Values.mtls.existingSecrets .part | default (printf "%s-%s-mtls" (include "livecounter.fullname" .root) .part) -}}
{{- end -}}

{{/* A file of the chart, with its links to runbooks made whole: (dict "root" . "path" "files/rules.yaml"). */}}
{{- define "livecounter.file" -}}
{{- $text := .root.Files.Get .path -}}
{{- with .root.Values.monitoring.runbookBaseUrl -}}
{{- $text = $text | replace "docs/runbooks/" (printf "%s/docs/runbooks/" (trimSuffix "/" .)) -}}
{{- end -}}
{{- $text -}}
{{- end -}}

{{/* gRPC targets of the verifiers, each by its own name: a product keeps to one of them. */}}
{{- define "livecounter.verifierTargets" -}}
{{- $name := include "livecounter.fullname" . -}}
{{- $targets := list -}}
{{- range $i := until (int .Values.verifier.replicas) -}}
{{- $targets = append $targets (printf "%s-verifier-%d.%s-verifier-pods:9092" $name $i $name) -}}
{{- end -}}
{{- join "," $targets -}}
{{- end -}}
