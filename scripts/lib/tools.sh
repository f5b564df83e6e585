# shellcheck shell=bash
# Finds the programs that tests need. Sourced by the scripts beside this folder; prints the path of
# a program, or nothing (and fails) when it is not there. Package systems put servers in places that
# are not on PATH, so those are searched too.

# The newest PostgreSQL folder that has a whole server in it.
find_postgresql_bin() {
  local folder newest='' on_path
  on_path="$(command -v initdb || true)"
  if [ -n "$on_path" ]; then
    folder="$(dirname "$(readlink -f "$on_path" 2>/dev/null || echo "$on_path")")"
    if [ -x "$folder/postgres" ] && [ -x "$folder/psql" ]; then
      echo "$folder"
      return 0
    fi
  fi
  while read -r folder; do
    newest="$folder"
  done < <(
    for folder in /usr/lib/postgresql/*/bin /usr/libexec/postgresql*/ /usr/pgsql-*/bin \
      /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin; do
      [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ] && echo "${folder%/}"
    done | sort -V
  )
  [ -n "$newest" ] && echo "$newest"
}

# Valkey speaks the same protocol and has taken Redis's place in several distributions.
find_redis_server() {
  command -v redis-server || command -v valkey-server
}

find_redis_cli() {
  command -v redis-cli || command -v valkey-cli
}

find_chromium() {
  local application='/Applications/Chromium.app/Contents/MacOS/Chromium'
  command -v chromium || command -v chromium-browser || command -v google-chrome-stable ||
    command -v google-chrome || { [ -x "$application" ] && echo "$application"; }
}

find_npm() {
  command -v npm
}

# Something to draw Chinese with; macOS comes with it.
find_cjk_font() {
  [ "$(uname)" != Darwin ] || { echo 'of the system' && return 0; }
  find /usr/share/fonts /usr/local/share/fonts -type f \( -iname '*cjk*' -o -iname '*wqy*' \
    -o -iname '*droid*fallback*' -o -iname '*sourcehan*' \) 2>/dev/null | grep -m 1 .
}

# The proxies that providers of tests are behind.
find_tinyproxy() {
  command -v tinyproxy
}

find_microsocks() {
  command -v microsocks
}

find_stunnel() {
  command -v stunnel || command -v stunnel4
}

find_shellcheck() {
  command -v shellcheck
}
