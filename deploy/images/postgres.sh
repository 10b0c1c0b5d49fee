#!/bin/bash
# PostgreSQL in a container, told as the registry's image is: POSTGRES_PASSWORD_FILE, PGDATA; other words are passed on to it.
set -euo pipefail
if [ ! -s "$PGDATA/PG_VERSION" ]; then
	initdb -D "$PGDATA" -U postgres -E UTF8 --no-locale --auth-host=scram-sha-256 --auth-local=trust \
		--pwfile="$POSTGRES_PASSWORD_FILE" >/dev/null
	echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
fi
[ "${1:-}" = postgres ] && shift
exec postgres -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories=/tmp "$@"
