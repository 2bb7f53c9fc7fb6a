#!/usr/bin/env bash
# with-postgres.sh COMMAND…: runs COMMAND with TEST_DATABASE_URL naming a PostgreSQL made for it, and removed after it.
#
# Needs PostgreSQL's programs (Debian: postgresql), no running server and no rights: as root, it becomes `postgres` or
# `nobody`, since PostgreSQL refuses root. A TEST_DATABASE_URL that is set already is left as it is.
set -euo pipefail

[ $# -gt 0 ] || { echo "usage: $0 COMMAND [ARGUMENT…]" >&2; exit 2; }
[ -z "${TEST_DATABASE_URL:-}" ] || exec "$@"

bin=$(dirname "$(find /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1)")
[ -x "$bin/initdb" ] || bin=$(dirname "$(command -v initdb || echo missing)")
[ -x "$bin/initdb" ] || { echo "no PostgreSQL here: run \`just setup-test\`, or set TEST_DATABASE_URL" >&2; exit 1; }

as=(setpriv --pdeathsig INT) # and it ends if this script is killed
if [ "$(id -u)" -eq 0 ]; then
  user=$(id -un postgres 2>/dev/null || echo nobody)
  as+=(--reuid "$user" --regid "$(id -g "$user")" --clear-groups)
fi

cluster=$(mktemp -d "${TMPDIR:-/tmp}/datapass-postgres-XXXXXX")
[ -z "${user:-}" ] || chown "$user" "$cluster"
server= child=
stop() {
  trap - EXIT INT TERM
  [ -z "$child" ] || kill -- "-$child" 2>/dev/null || true
  if [ -n "$server" ]; then
    kill -INT "$server" 2>/dev/null || true # a fast shutdown: clients are cut
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$cluster"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

cd "$cluster" # the other user may not be allowed in the caller's folder
"${as[@]}" "$bin/initdb" --pgdata="$cluster/data" --username=postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
  --no-sync >"$cluster/log" 2>&1 || { cat "$cluster/log" >&2; exit 1; }

# A free port may be taken by the time the server asks for it: then another one.
for _ in 1 2 3 4 5; do
  port=$((20000 + RANDOM % 12000))
  "${as[@]}" "$bin/postgres" -D "$cluster/data" -p "$port" -k "$cluster" -c listen_addresses=127.0.0.1 \
    -c max_connections=200 -c fsync=off -c full_page_writes=off -c synchronous_commit=off >>"$cluster/log" 2>&1 &
  server=$!
  until "$bin/pg_isready" -q -h "$cluster" -p "$port"; do
    kill -0 "$server" 2>/dev/null || { wait "$server" || true; server=; break; }
    sleep 0.1
  done
  [ -z "$server" ] || break
done
[ -n "$server" ] || { cat "$cluster/log" >&2; exit 1; }

cd "$OLDPWD"
export TEST_DATABASE_URL="postgres://postgres@127.0.0.1:$port/postgres"
set -m # a process group of its own, so that all of it can be ended
"$@" <&0 &
child=$!
set +m
status=0
wait "$child" || status=$?
exit "$status"
