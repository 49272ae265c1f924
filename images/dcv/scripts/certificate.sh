#!/usr/bin/env bash
# Gives DCV the certificate mounted at /etc/dcv-tls (keys of a kubernetes.io/tls secret); without one DCV makes its own.
set -euo pipefail
# shellcheck source=images/dcv/scripts/sentences.sh
source "$(dirname "${BASH_SOURCE[0]}")/sentences.sh"
mounted="${DESKTOP_TLS:-/etc/dcv-tls}"
folder="${DESKTOP_DCV:-/etc/dcv}"
owner="${DESKTOP_DCV_OWNER:-dcv:dcv}"

if [[ ! -e "$mounted/tls.crt" && ! -e "$mounted/tls.key" ]]; then
  succeeded "no certificate is mounted at $mounted: DCV makes a self-signed one at its first start"
  exit 0
fi
public_of_certificate="$(openssl x509 -in "$mounted/tls.crt" -noout -pubkey 2>/dev/null)" || refuse "$mounted/tls.crt is no certificate"
public_of_key="$(openssl pkey -in "$mounted/tls.key" -pubout 2>/dev/null)" || refuse "$mounted/tls.key is no private key"
[[ "$public_of_certificate" == "$public_of_key" ]] || refuse "$mounted: tls.key does not belong to tls.crt"
# The names and the owner are DCV's conditions: it ignores the files otherwise and makes its own.
install -o "${owner%:*}" -g "${owner#*:}" -m 0600 "$mounted/tls.key" "$folder/dcv.key"
install -o "${owner%:*}" -g "${owner#*:}" -m 0600 "$mounted/tls.crt" "$folder/dcv.pem"
succeeded "the certificate of $mounted is used"
