#!/bin/sh
# A server in a folder, and everything else from the command line. KAFKADO is the command to call.
set -eu
: "${KAFKADO:=npx kafkado}"

folder=$(mktemp -d)
$KAFKADO serve --data "$folder/data" --port 0 --json > "$folder/server" &
server=$!
trap 'kill $server; wait $server; rm -r "$folder"' EXIT
until [ -s "$folder/server" ]; do kill -0 $server; done
KAFKA_DO_URL=$(sed 's/.*"url":"\([^"]*\)".*/\1/' "$folder/server")
export KAFKA_DO_URL

$KAFKADO topics create orders --partitions 1
printf '%s\n' '{"orderId":"1","amount":10}' '{"orderId":"2","amount":20}' | $KAFKADO produce orders --key orderId
$KAFKADO consume orders --group mailer --max 1
$KAFKADO groups describe mailer
