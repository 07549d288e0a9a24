# What deploy/up, down, test and bench share. Sourced, not run.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export FLOTILLA_HOME=${FLOTILLA_HOME:-$ROOT/.flotilla}
# One compiler process for all projects of a build: several times faster than one each.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 UseSharedCompilation=true

PG_BIN=/usr/lib/postgresql/15/bin
PG_SOCKETS=$FLOTILLA_HOME/postgres/run
export FLOTILLA_DATABASE=${FLOTILLA_DATABASE:-"Host=$PG_SOCKETS;Username=flotilla;Database=flotilla"}

say() { printf '%s\n' "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

require_root() {
  [ "$(id -u)" = 0 ] || fail "$1 needs root: it makes network namespaces, mounts and cgroups. Run: sudo $1"
}

# install PACKAGE... : Debian packages that are missing, and only those
install() {
  local missing=()
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${missing[*]}"
  # No service is to be started by the installation: the platform starts what it needs, privately.
  local policy=/usr/sbin/policy-rc.d made=
  [ -e "$policy" ] || { printf '#!/bin/sh\nexit 101\n' >"$policy"; chmod +x "$policy"; made=1; }
  local log; log=$(mktemp)
  { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" ||
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; }; } >"$log" 2>&1 ||
    { [ -z "$made" ] || rm -f "$policy"; tail -n 20 "$log" >&2; fail "apt-get could not install ${missing[*]} (whole log: $log)"; }
  [ -z "$made" ] || rm -f "$policy"
  rm -f "$log"
}

PLATFORM_PACKAGES=(postgresql containerd runc containernetworking-plugins nftables iproute2 etcd-server conntrack busybox-static util-linux)

require_dotnet() {
  command -v dotnet >/dev/null || fail "the .NET 10 SDK is missing: install it (https://dotnet.microsoft.com/download) and run again"
  dotnet --list-sdks | grep -q '^10\.' || fail "the .NET SDK here is $(dotnet --version); Flotilla needs 10.0"
}

# gcc and the C library's start files link what is compiled to native code.
BUILD_PACKAGES=(gcc libc6-dev)

# build_tools: publishes the executables and links them in bin/; nothing to do while no source file is newer than the last time
build_tools() {
  local stamp=$ROOT/artifacts/publish/stamp
  if [ -e "$stamp" ] && [ -z "$(find "$ROOT" \( -name artifacts -o -name bin -o -name .git -o -name .flotilla -o -name _framework -o -name Tests -o -name docs \) -prune -o \
      -type f \( -name '*.cs' -o -name '*.csproj' -o -name '*.props' -o -name '*.razor' -o -name '*.css' -o -name '*.js' -o -name '*.proto' -o -name '*.resx' \) \
      -newer "$stamp" -print -quit)" ]; then
    return
  fi
  install "${BUILD_PACKAGES[@]}"
  # As of now: what is changed while it builds is for the next time.
  mkdir -p "$ROOT/artifacts/publish"
  touch "$stamp.next"
  local log; log=$(mktemp)
  for project in ClusterCore/Host NodeAgent/Host Provisioner/Host Portal/Web Portal/Cli; do
    say "building $project"
    dotnet publish "$ROOT/$project" -c Release -r linux-x64 -v q -nologo >"$log" 2>&1 ||
      { tail -n 30 "$log" >&2; fail "$project does not build"; }
  done
  rm -f "$log"
  mkdir -p "$ROOT/bin"
  local publish=$ROOT/artifacts/publish
  ln -sfn "$publish/ClusterCore.Host/release_linux-x64/clustercore" "$ROOT/bin/clustercore"
  ln -sfn "$publish/NodeAgent.Host/release_linux-x64/nodeagent" "$ROOT/bin/nodeagent"
  ln -sfn "$publish/Provisioner.Host/release_linux-x64/provisioner" "$ROOT/bin/provisioner"
  ln -sfn "$publish/Portal.Web/release_linux-x64/portal" "$ROOT/bin/portal"
  ln -sfn "$publish/Portal.Cli/release_linux-x64/flotilla" "$ROOT/bin/flotilla"
  mv "$stamp.next" "$stamp"
}

# PostgreSQL refuses to run as root; as another user it must still reach a home directory that only root may enter.
as_postgres() {
  setpriv --reuid=postgres --regid=postgres --init-groups \
    --inh-caps=+dac_read_search --ambient-caps=+dac_read_search -- "$@"
}

start_postgres() {
  local data=$FLOTILLA_HOME/postgres/data log=$FLOTILLA_HOME/logs/postgres.log
  local socket=$PG_SOCKETS/.s.PGSQL.5432
  [ ${#socket} -le 107 ] || fail "FLOTILLA_HOME is too long a path for a Unix socket ($socket); choose a shorter one"
  mkdir -p "$PG_SOCKETS" "$FLOTILLA_HOME/logs"
  touch "$log"
  chown -R postgres:postgres "$FLOTILLA_HOME/postgres" "$log"
  if [ ! -e "$data/PG_VERSION" ]; then
    local said
    said=$(as_postgres "$PG_BIN/initdb" -D "$data" -U flotilla --auth-local=trust --no-instructions -E UTF8 --locale=C.UTF-8 2>&1) || {
      rm -rf "$data"
      fail "PostgreSQL could not make its data directory $data: $(grep -iE 'error|fatal|detail' <<<"$said" | tail -n 2)"
    }
  fi
  if ! as_postgres "$PG_BIN/pg_ctl" -D "$data" status >/dev/null 2>&1; then
    # Only the socket's directory decides who gets in: root and postgres.
    chmod 0700 "$PG_SOCKETS"
    as_postgres "$PG_BIN/pg_ctl" -D "$data" -l "$log" -w -t 30 -o "-k '$PG_SOCKETS' -c listen_addresses= -c max_connections=200" start >/dev/null 2>&1 ||
      fail "PostgreSQL does not start (log: $log): $(tail -n 2 "$log")"
  fi
  "$PG_BIN/psql" -h "$PG_SOCKETS" -U flotilla -d postgres -tAc "select 1 from pg_database where datname = 'flotilla'" | grep -q 1 ||
    "$PG_BIN/createdb" -h "$PG_SOCKETS" -U flotilla flotilla
}

stop_postgres() {
  local data=$FLOTILLA_HOME/postgres/data
  if as_postgres "$PG_BIN/pg_ctl" -D "$data" status >/dev/null 2>&1; then
    as_postgres "$PG_BIN/pg_ctl" -D "$data" -m fast -w stop >/dev/null
  fi
}

# A process is named by its pid and its start time (field 22 of /proc/PID/stat): pids are given out again.
start_time() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

is_running() { # NAME
  local file=$FLOTILLA_HOME/run/$1.pid pid started
  [ -e "$file" ] && read -r pid started <"$file" && [ -n "$started" ] && [ "$(start_time "$pid")" = "$started" ]
}

pid_of() { ! is_running "$1" || cut -d' ' -f1 "$FLOTILLA_HOME/run/$1.pid"; } # NAME

# start NAME COMMAND... : detached, its output in logs/NAME.log; adopts the one that runs already with the same command and build
start() {
  local name=$1; shift
  mkdir -p "$FLOTILLA_HOME/run" "$FLOTILLA_HOME/logs"
  if is_running "$name" && [ "$(cat "$FLOTILLA_HOME/run/$name.cmd")" = "$*" ] &&
    [ ! "$ROOT/artifacts/publish/stamp" -nt "$FLOTILLA_HOME/run/$name.cmd" ]; then
    return
  fi
  stop "$name"
  setsid "$@" </dev/null >>"$FLOTILLA_HOME/logs/$name.log" 2>&1 &
  local pid=$!
  printf '%s %s\n' "$pid" "$(start_time "$pid")" >"$FLOTILLA_HOME/run/$name.pid"
  printf '%s' "$*" >"$FLOTILLA_HOME/run/$name.cmd"
}

stop() { # NAME
  local file=$FLOTILLA_HOME/run/$1.pid pid
  if is_running "$1"; then
    read -r pid _ <"$file"
    kill -TERM "$pid"
    for _ in $(seq 100); do is_running "$1" || break; sleep 0.1; done
    ! is_running "$1" || kill -KILL "$pid"
  fi
  rm -f "$file" "$FLOTILLA_HOME/run/$1.cmd"
}

# wait_for NAME URL : until it answers, or the process ends
wait_for() {
  for _ in $(seq 300); do
    if curl -fsS -o /dev/null --max-time 2 "$2" 2>/dev/null; then return; fi
    is_running "$1" || { tail -n 15 "$FLOTILLA_HOME/logs/$1.log" >&2; fail "$1 ended at its start; see $FLOTILLA_HOME/logs/$1.log"; }
    sleep 0.1
  done
  fail "$1 does not answer at $2; see $FLOTILLA_HOME/logs/$1.log"
}

port_owner() { ss -Hltnp "sport = :$1" 2>/dev/null | sed -n 's/.*users:(("\([^"]*\)",pid=\([0-9]*\).*/\1 (pid \2)/p' | head -n 1; }
