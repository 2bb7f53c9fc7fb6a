# Every command of the project. `just` comes ready-made from npm: `npx -y rust-just RECIPE`.

set dotenv-load
set shell := ["bash", "-euo", "pipefail", "-c"]

export CARGO_TARGET_DIR := env("CARGO_TARGET_DIR", justfile_directory() / "target")

just := quote(just_executable())
wasm_target := "wasm32-unknown-unknown"

# List the recipes
default:
    @{{ just }} --list --unsorted

# Build everything and serve it with sample accounts and requests, on http://localhost:8080
run *ARGS: setup front
    cargo run -p datapass -- serve --demo {{ ARGS }}

# Run every check and every test, then count them; a part that fails does not hide the others
test: setup setup-test
    #!/usr/bin/env bash
    set -uo pipefail
    logs=$CARGO_TARGET_DIR/test-logs
    mkdir -p "$logs"
    limit=(timeout --kill-after=10s 45m)
    [ ! -t 0 ] || limit+=(--foreground) # so that Ctrl-C reaches the tests
    table= failures=0

    # part NAME COMMAND…: runs the command and adds a line to the table
    part() {
      local name=$1 log="$logs/${1//[ ,]/-}.log" start=$SECONDS status=0 passed failed
      shift
      printf '\n=== %s: %s\n' "$name" "$*"
      "${limit[@]}" "$@" 2>&1 | tee "$log" || status=$?
      [ "$status" -ne 124 ] || echo "$name: stopped after 45 minutes" | tee -a "$log"
      # « test result: ok. 12 passed; 0 failed; … » from cargo, « ℹ pass 12 » and « ℹ fail 0 » from node
      passed=$(awk '/^test result:/ { n += $4 } /^(ℹ|#) pass / { n += $3 } END { print n + 0 }' "$log")
      failed=$(awk '/^test result:/ { n += $6 } /^(ℹ|#) fail / { n += $3 } END { print n + 0 }' "$log")
      if [ "$status" -eq 0 ] && [ $((passed + failed)) -eq 0 ]; then passed=1; fi
      if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
      failures=$((failures + failed))
      table+=$(printf '%-34s %7d %7d %6d s' "$name" "$passed" "$failed" $((SECONDS - start)))$'\n'
    }

    # The WASM keeps one core busy for minutes: it begins beside the rest, and « front end, build » waits for it.
    {{ just }} _wasm >"$logs/wasm.log" 2>&1 &
    trap "kill $! 2>/dev/null || true" EXIT

    part "format and lints" {{ just }} check
    part "shared and backend, SQLite" env -u TEST_DATABASE_URL cargo test --no-fail-fast
    part "API, PostgreSQL" backend/tests/with-postgres.sh cargo test -p datapass --test api --no-fail-fast
    part "front end, native" cargo test -p frontend -p bundle --no-fail-fast
    part "front end, build" {{ just }} front
    part "end to end, in a browser" {{ just }} e2e

    printf '\n%-34s %7s %7s %8s\n%s' part passed failed time "$table"
    [ "$failures" -eq 0 ] && echo "All passed." || { echo "$failures failed; logs in $logs"; exit 1; }

# Run the unit tests of shared and of the backend, or those whose name has FILTER in it
test-unit *FILTER:
    cargo test --lib {{ FILTER }}

# Run the tests of the API on SQLite, or those whose name has FILTER in it
test-api *FILTER:
    env -u TEST_DATABASE_URL cargo test -p datapass --test api {{ FILTER }}

# Run the tests of the API on PostgreSQL, or those whose name has FILTER in it
test-api-postgres *FILTER:
    backend/tests/with-postgres.sh cargo test -p datapass --test api {{ FILTER }}

# Run the unit tests of the front end, or those whose name has FILTER in it
test-front *FILTER:
    cargo test -p frontend -p bundle {{ FILTER }}

# Check format and lints
check:
    cargo fmt --all --check
    cargo clippy --all-targets -- -D warnings
    cargo clippy -p frontend -p bundle --all-targets -- -D warnings

# Run the browser tests, or those of some files: `just e2e story queue`; SHOTS=1 keeps pictures (needs `just front`)
e2e *FILES:
    #!/usr/bin/env bash
    set -euo pipefail
    cargo build -p datapass --bins --examples # with the features that `cargo test` builds it with
    cd e2e
    files=()
    for file in {{ FILES }}; do file=${file##*/}; files+=("tests/${file%.mjs}.mjs"); done
    [ ${#files[@]} -gt 0 ] || files=(tests/*.mjs)
    # Two cores are kept busy by three files: now and then each waits for something.
    node --test --test-reporter=spec --test-concurrency=$(($(nproc) * 3 / 2)) --test-timeout=600000 "${files[@]}"

# Kill what delivers 200 times, where the tests do so a few times: four processes on PostgreSQL, one on SQLite, a server in use
kills:
    KILLS=200 backend/tests/with-postgres.sh cargo test -p datapass --test api kills -- --nocapture
    KILLS=200 env -u TEST_DATABASE_URL cargo test -p datapass --test api kills -- --nocapture
    cargo build -p datapass --bins
    cd e2e && KILLS=200 node --test --test-reporter=spec --test-timeout=3600000 tests/kills.mjs

# Build the front end into frontend/dist: WASM, style sheet, compressed files
front: setup _wasm
    cargo run --quiet -p bundle

[private]
_wasm:
    #!/usr/bin/env bash
    set -euo pipefail
    build=(cargo build --profile wasm --target {{ wasm_target }} -p frontend)
    if {{ just }} _has-wasm-target; then
      "${build[@]}"
    else # Debian's compiler, which builds the standard library too
      PATH="/usr/bin:$PATH" RUSTC_BOOTSTRAP=1 CARGO_UNSTABLE_BUILD_STD=std,panic_abort \
        CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld "${build[@]}"
    fi

# Work on the front end: http://localhost:8081 rebuilds and reloads at every change, with a local backend
dev: setup
    #!/usr/bin/env bash
    set -euo pipefail
    cargo build -p datapass
    "$CARGO_TARGET_DIR/debug/datapass" serve --demo &
    trap "kill $! 2>/dev/null || true" EXIT
    node frontend/dev.mjs "http://localhost:${PORT:-8080}"

# The same with a backend that runs elsewhere: just dev-with-remote-backend https://datapass.example.org
dev-with-remote-backend URL: setup
    node frontend/dev.mjs {{ quote(URL) }}

# Write openapi/datapass.json from the routes, and openapi/rights.md from the rules
openapi:
    cargo run --quiet -p datapass -- openapi > openapi/datapass.json.new
    mv openapi/datapass.json.new openapi/datapass.json
    cargo run --quiet -p datapass -- rights > openapi/rights.md.new
    mv openapi/rights.md.new openapi/rights.md

# Measure the server under load, on both databases: --n 100000 --seconds 5 --engine sqlite|postgres|both
bench *ARGS:
    #!/usr/bin/env bash
    set -euo pipefail
    bench=(cargo bench -p datapass --bench load -- {{ ARGS }})
    # Without PostgreSQL's programs, SQLite alone.
    if [ -n "${TEST_DATABASE_URL:-}" ] || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; then
      backend/tests/with-postgres.sh "${bench[@]}"
    else
      "${bench[@]}"
    fi

# Flood a release build on both databases, attack by attack, and print what who reads and who writes notice of it: four minutes
siege SECONDS="12":
    {{ just }} bench --siege --seconds {{ quote(SECONDS) }}

# Measure a form in the browser: its first drawing, and one validation
bench-form: front
    cargo build -p datapass
    node e2e/bench/form.mjs

# Take the pictures of the README from the samples (needs `just front`)
pictures:
    cargo build -p datapass
    node e2e/pictures.mjs

# Let two callers race many more times than `test` does, wherever they may
test-races ROUNDS="400":
    TEST_RACES={{ quote(ROUNDS) }} cargo test -p datapass --test api concurrent
    TEST_RACES={{ quote(ROUNDS) }} backend/tests/with-postgres.sh cargo test -p datapass --test api concurrent

# Feed a reader whatever may break it, for ten minutes (needs cargo-fuzz): policy, upload, query, cookie or form
fuzz TARGET SECONDS="600":
    cd backend/fuzz && RUSTC_BOOTSTRAP=1 cargo fuzz run --fuzz-dir . --sanitizer none {{ quote(TARGET) }} \
      "$(mktemp -d)" corpus/{{ quote(TARGET) }} -- -max_total_time={{ quote(SECONDS) }} -max_len=16384

# Call the API with what its document allows and forbids, EXAMPLES times each operation, as four identities: some minutes (needs `just setup-test`)
fuzz-api EXAMPLES="40":
    cargo build -p datapass --bins
    cd e2e && EXAMPLES={{ quote(EXAMPLES) }} node --test --test-reporter=spec --test-timeout=3600000 tests/fuzz_api.mjs

# Install what building needs: the WASM target and the npm packages
setup:
    #!/usr/bin/env bash
    set -euo pipefail
    command -v cargo >/dev/null || { echo "Rust is missing: see https://rustup.rs" >&2; exit 1; }
    command -v cc >/dev/null || {{ just }} _apt gcc libc6-dev
    {{ just }} _has-wasm-target || { [ -x /usr/bin/wasm-ld ] && [ -d /usr/lib/rustlib/src/rust ]; } ||
      rustup target add {{ wasm_target }} || {{ just }} _apt rustc-web cargo-web rust-web-src lld # Debian's compiler for it
    for folder in frontend e2e; do
      [ "$folder/node_modules/.package-lock.json" -nt "$folder/package-lock.json" ] || (cd "$folder" && npm ci)
    done

# Install what testing needs besides: Chromium without windows, PostgreSQL's programs and ClamAV (no server is started), a font, Python's mail server and Schemathesis, openssl
setup-test:
    #!/usr/bin/env bash
    set -euo pipefail
    missing=()
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null || missing+=(postgresql)
    [ -n "${CHROMIUM:-}" ] || [ -x /usr/bin/chromium-headless-shell ] || missing+=(chromium-headless-shell)
    compgen -G '/usr/share/fonts/truetype/liberation*' >/dev/null || missing+=(fonts-liberation)
    python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
    command -v openssl >/dev/null || missing+=(openssl)
    [ -x /usr/sbin/clamd ] || missing+=(clamav-daemon)
    [ ${#missing[@]} -eq 0 ] || {{ just }} _apt "${missing[@]}"
    cd e2e
    if ! [ .venv/requirements.txt -nt requirements.txt ]; then
      python3 -m venv .venv
      .venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
      cp requirements.txt .venv/
    fi

[no-exit-message]
[private]
_has-wasm-target:
    @[ -d "$(rustc --print sysroot)/lib/rustlib/{{ wasm_target }}/lib" ]

# Installs Debian packages, or says which ones to install
[private]
_apt +PACKAGES:
    #!/usr/bin/env bash
    set -euo pipefail
    if [ "$(id -u)" -eq 0 ]; then as=(); elif sudo -n true 2>/dev/null; then as=(sudo); else
      echo "Please install these Debian packages, then start again: {{ PACKAGES }}" >&2
      exit 1
    fi
    apt=("${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 -qq -y)
    "${apt[@]}" update
    if [[ " {{ PACKAGES }} " == *" postgresql "* ]]; then # its programs alone: tests start their own clusters
      "${apt[@]}" install --no-install-recommends postgresql-common
      "${as[@]}" sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
    fi
    if [[ " {{ PACKAGES }} " == *" clamav-daemon "* ]]; then # tests give it a signature of their own
      echo "clamav-freshclam clamav-freshclam/autoupdate_freshclam select manual" | "${as[@]}" debconf-set-selections
    fi
    "${apt[@]}" install --no-install-recommends {{ PACKAGES }}
