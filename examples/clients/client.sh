#!/usr/bin/env bash
# Prints how many people are at URL_ID: client.sh KEY URL_ID PRESENCE_ID GATEWAY... (https://host)
key=$1 url_id=$2 presence_id=$3 gateways=("${@:4}") pid='' tries=0
trap 'kill $pid 2>/dev/null' EXIT

# One event stream, and at its end a line with the status of the answer.
stream() {
  exec curl -sNG -H 'Accept: text/event-stream' -w '\nstatus: %{http_code}\n' --data-urlencode "key=$key" \
    --data-urlencode "urlId=$url_id" --data-urlencode "pId=$presence_id" "$1/sub"
}

while true; do
  exec 3< <(stream "${gateways[RANDOM % ${#gateways[@]}]}")
  pid=$! status='' hint='' last='' SECONDS=0
  # The server repeats the number every 25 s; a stream that is silent for 60 s is dead.
  while IFS=': ' read -r -t 60 -u 3 name value; do
    case $name in
      data) if [[ $value =~ ^[0-9]+$ ]]; then echo "$value"; fi ;;
      retry) hint=$value ;; # milliseconds until one may come back
      status) status=$value ;;
      '{'*) last="$name:$value" ;; # why it was refused
    esac
  done
  kill $pid 2>/dev/null
  if [[ $status =~ ^40[013]$ ]]; then echo "$last" >&2; exit 1; fi
  if ((SECONDS > 30)); then tries=0; fi
  wait=${hint:-$((RANDOM * (tries < 6 ? 1000 << tries : 60000) / 32768))}
  tries=$((tries + 1))
  sleep "$((wait / 1000)).$(printf %03d $((wait % 1000)))"
done
