{{/* What the pods of all parts have in common. */}}

{{/* The end of a program's arguments: flags given as a map, in the order of their names. */}}
{{- define "livecounter.flags" -}}
{{- range $flag, $value := . }}
- {{ printf "--%s=%s" $flag (kindIs "string" $value | ternary $value (toJson $value)) | quote }}
{{- end }}
{{- end -}}

{{- define "livecounter.logFlags" -}}
- --log_format={{ .Values.logs.format }}
- --log_level={{ .Values.logs.level }}
{{- end -}}

{{/* Namespaces that enforce the restricted standard of pod security take these pods. */}}
{{- define "livecounter.podSecurity" -}}
serviceAccountName: {{ include "livecounter.serviceAccountName" . }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "livecounter.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Where pods may and should run: (dict "root" . "part" "gateway"). */}}
{{- define "livecounter.scheduling" -}}
{{- $values := get .root.Values .part -}}
{{- with $values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- if dig "topologySpread" "enabled" false $values }}
topologySpreadConstraints:
  {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: {{ $values.topologySpread.whenUnsatisfiable }}
    labelSelector:
      matchLabels:
        {{- include "livecounter.selector" $ | nindent 8 }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* Probes over HTTP, at the port of the metrics. `startupTries`: how often a start is asked for, each 2 s; 60. */}}
{{- define "livecounter.httpProbes" -}}
startupProbe:
  httpGet: {path: /healthz, port: metrics}
  periodSeconds: 2
  failureThreshold: {{ .startupTries | default 60 }}
livenessProbe:
  httpGet: {path: /healthz, port: metrics}
  periodSeconds: 10
  timeoutSeconds: 5
readinessProbe:
  httpGet: {path: /readyz, port: metrics}
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 2
{{- end -}}

{{/* Probes of grpc.health.v1: (dict "root" . "port" 9090), and startupTries as above. Kubernetes cannot speak TLS to them. */}}
{{- define "livecounter.grpcProbes" -}}
{{- if .root.Values.mtls.enabled -}}
{{- include "livecounter.httpProbes" . -}}
{{- else -}}
startupProbe:
  grpc: {port: {{ .port }}, service: alive}
  periodSeconds: 2
  failureThreshold: {{ .startupTries | default 60 }}
livenessProbe:
  grpc: {port: {{ .port }}, service: alive}
  periodSeconds: 10
  timeoutSeconds: 5
readinessProbe:
  grpc: {port: {{ .port }}, service: ready}
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 2
{{- end -}}
{{- end -}}

{{/* Tokens as files, as far as a part may know them: (dict "root" . "keys" (list "edge-token")). */}}
{{- define "livecounter.credentialsVolume" -}}
- name: credentials
  secret:
    secretName: {{ include "livecounter.credentialsSecret" .root }}
    defaultMode: 0440
    items:
      {{- range .keys }}
      - {key: {{ . }}, path: {{ . }}}
      {{- end }}
{{- end -}}

{{- define "livecounter.credentialsMount" -}}
- {name: credentials, mountPath: /etc/livecounter/credentials, readOnly: true}
{{- end -}}

{{/* The certificate that a part shows to the others: (dict "root" . "part" "gateway"). */}}
{{- define "livecounter.mtlsVolume" -}}
- name: mtls
  secret:
    secretName: {{ include "livecounter.mtlsSecret" . }}
    defaultMode: 0440
{{- end -}}

{{- define "livecounter.mtlsMount" -}}
- {name: mtls, mountPath: /etc/livecounter/mtls, readOnly: true}
{{- end -}}

{{/* Flags of a program that others call. */}}
{{- define "livecounter.mtlsServerFlags" -}}
- --grpc_tls_cert=/etc/livecounter/mtls/tls.crt
- --grpc_tls_key=/etc/livecounter/mtls/tls.key
- --grpc_tls_client_ca=/etc/livecounter/mtls/ca.crt
{{- end -}}

{{/* Flags of a program that calls others. */}}
{{- define "livecounter.mtlsClientFlags" -}}
- --upstream_tls_ca=/etc/livecounter/mtls/ca.crt
- --upstream_tls_cert=/etc/livecounter/mtls/tls.crt
- --upstream_tls_key=/etc/livecounter/mtls/tls.key
{{- end -}}

{{/* So that livecounterctl, called in a pod of the release, finds the server and may administer it. */}}
{{- define "livecounter.ctlEnvironment" -}}
- name: LIVECOUNTER_SERVER
  value: {{ include "livecounter.fullname" . }}-counterd:9090
- name: LIVECOUNTER_TOKEN_FILE
  value: /etc/livecounter/credentials/admin-token
{{- if .Values.mtls.enabled }}
- name: LIVECOUNTER_TLS_CA
  value: /etc/livecounter/mtls/ca.crt
- name: LIVECOUNTER_TLS_CERT
  value: /etc/livecounter/mtls/tls.crt
- name: LIVECOUNTER_TLS_KEY
  value: /etc/livecounter/mtls/tls.key
{{- end }}
{{- end -}}
