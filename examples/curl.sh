#!/usr/bin/env bash
# Ask a cloud with curl alone: is it ready, what does it serve, and the latents of one closed set.
#   examples/curl.sh http://127.0.0.1:8000 OUT [BODY]        with TOKEN in the environment where the cloud wants one
# BODY is a file with a request as a device makes it; without one the example of the cloud's own description is sent
# (for the model "stickers"; needs jq). OUT gets all candidates, as safetensors: choosing one is the device's matter.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
url=$1 out=$2 body=${3:-}
ask() { curl --silent --show-error --fail-with-body --max-time 300 "$@"; }

ask "$url/readyz"
echo
ask "$url/v1/models"
echo
if [ -z "$body" ]; then
    body=$(mktemp)
    trap 'rm -f "$body"' EXIT
    # Sorted keys and no spaces: with the padding that stands in it, the one form that a request may have.
    ask "$url/openapi.json" | jq --compact-output --sort-keys --join-output \
        '.paths["/v1/latents"].post.requestBody.content["application/json"].example' > "$body"
fi
# A token on the command line would stand in the list of processes.
printf 'header = "authorization: Bearer %s"\n' "${TOKEN:-}" | ask --config - \
    --header "content-type: application/json" --header "obclip-deadline: 300" \
    --data-binary "@$body" --output "$out" --write-out '%{http_code} %{size_download} bytes\n' "$url/v1/latents"
