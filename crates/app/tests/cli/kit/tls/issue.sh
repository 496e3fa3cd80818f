#!/bin/sh
# Issues the certificates of the tests anew, for a further host. The authority's key isn't kept.
set -e
folder=$(cd "$(dirname "$0")" && pwd)
keys=$(mktemp -d)
trap 'rm -r "$keys"' EXIT
names=IP:127.0.0.1,DNS:portal.sso.eu-west-1.amazonaws.com
for place in eu-west-1.amazonaws.com cn-north-1.amazonaws.com.cn us-gov-west-1.amazonaws.com; do
    names="$names,DNS:sts.$place,DNS:*.s3.$place"
done
cat >"$keys/extensions" <<END
subjectAltName=$names
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
END
new_key="openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:prime256v1"
$new_key -out "$keys/authority.key"
$new_key -out "$folder/server.key"
openssl req -x509 -new -key "$keys/authority.key" -days 36500 -subj "/CN=Spile tests" \
    -addext keyUsage=critical,keyCertSign -out "$folder/authority.pem"
openssl req -new -key "$folder/server.key" -subj "/CN=A server of Spile's tests" |
    openssl x509 -req -CA "$folder/authority.pem" -CAkey "$keys/authority.key" -CAcreateserial \
        -CAserial "$keys/serial" -days 36500 -extfile "$keys/extensions" -out "$folder/server.pem"
