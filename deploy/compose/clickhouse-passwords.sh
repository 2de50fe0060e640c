#!/bin/sh
# Run once by the server's image, after users.sql: lets the three users in. The passwords come from deploy/.env.
set -eu
let_in() {
  hash=$(printf %s "$2" | sha256sum | cut -d ' ' -f 1)
  clickhouse-client --user "$CLICKHOUSE_USER" --password "$CLICKHOUSE_PASSWORD" \
    --query "ALTER USER $1 IDENTIFIED WITH sha256_hash BY '$hash' HOST ANY"
}
let_in ninefold_migrator "$MIGRATOR_PASSWORD"
let_in ninefold_writer "$WRITER_PASSWORD"
let_in ninefold_reader "$READER_PASSWORD"
