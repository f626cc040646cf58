#!/bin/sh
# Installs the Pulse agent on this machine, or takes it away again:
#
#   curl -fsSL @SERVER@/install.sh | sudo sh -s -- --token pulse_agent_...
#   curl -fsSL @SERVER@/install.sh | sudo sh -s -- --uninstall
#
# Options: --name NAME, --interval 10s, --ca FILE, --fingerprint SHA256, --allow CIDR,
# --docker (may ask the container engine; that group is as good as root).
# All of it is one function, called on the last line: half a download does nothing.
set -eu

SERVER='@SERVER@'
ROOT="${DESTDIR:-}"
BINARY="$ROOT/usr/local/bin/pulse"
SETTINGS="$ROOT/etc/pulse-agent"
UNIT="$ROOT/etc/systemd/system/pulse-agent.service"
STATE="$ROOT/var/lib/pulse-agent"

say() { printf '%s\n' "pulse: $*"; }
fail() { say "$*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# Into a fake root only files are put: nothing of the machine itself is changed.
on_machine() { [ -z "$ROOT" ]; }
has_systemd() { [ -n "$ROOT" ] || [ -d /run/systemd/system ]; }

fetch() {
  if has curl; then curl -fsSL ${CA:+--cacert "$CA"} -o "$2" "$1"
  elif has wget; then wget -q ${CA:+--ca-certificate="$CA"} -O "$2" "$1"
  else fail "there is neither curl nor wget"; fi
}

target() {
  [ "$(uname -s)" = Linux ] || fail "this script is for Linux; elsewhere run: pulse agent --server $SERVER --token-file FILE"
  case "$(uname -m)" in
    x86_64 | amd64) arch=x64 ;;
    aarch64 | arm64) arch=arm64 ;;
    *) fail "there is no program for $(uname -m)" ;;
  esac
  libc=
  for loader in /lib/ld-musl-*; do [ -e "$loader" ] && libc=-musl; done
  printf '%s\n' "linux-$arch$libc"
}

install_binary() {
  wanted=$(target)
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  if ! fetch "$SERVER/download/pulse.sha256?target=$wanted" "$work/sum" 2>/dev/null; then
    [ -x "$BINARY" ] || fail "this server has no program for $wanted to hand out. Copy the pulse binary for $wanted to $BINARY and run this again, or in a checkout of Pulse: bun pulse agent --server $SERVER --token TOKEN"
    say "this server has no program for $wanted to hand out; $BINARY stays as it is"
    return
  fi
  fetch "$SERVER/download/pulse?target=$wanted" "$work/pulse" || fail "the program could not be fetched"
  expected=$(cut -d ' ' -f 1 "$work/sum")
  found=$(sha256sum "$work/pulse" | cut -d ' ' -f 1)
  [ "$expected" = "$found" ] || fail "the program did not arrive as it was sent (SHA-256 $found instead of $expected)"
  mkdir -p "$(dirname "$BINARY")"
  # Beside it and then renamed: the one that may be running stays whole.
  cp "$work/pulse" "$BINARY.new"
  chmod 0755 "$BINARY.new"
  mv -f "$BINARY.new" "$BINARY"
  mkdir -p "$SETTINGS"
  printf '%s\n' "$found" >"$SETTINGS/installed"
}

write_private() {
  (umask 077 && cat >"$1.new" && mv -f "$1.new" "$1")
}

# A value in the form of systemd's environment files.
setting() {
  [ -z "$2" ] || printf '%s="%s"\n' "$1" "$(printf '%s' "$2" | tr -d '\n' | sed 's/[\\"]/\\&/g')"
}

write_settings() {
  mkdir -p "$SETTINGS"
  chmod 0700 "$SETTINGS"
  printf '%s\n' "$TOKEN" | write_private "$SETTINGS/token"
  if [ -n "$CA" ]; then cp "$CA" "$SETTINGS/ca.pem.new" && chmod 0644 "$SETTINGS/ca.pem.new" && mv -f "$SETTINGS/ca.pem.new" "$SETTINGS/ca.pem"; fi
  {
    setting PULSE_AGENT_SERVER "$SERVER"
    setting PULSE_AGENT_NAME "$NAME"
    setting PULSE_AGENT_INTERVAL "$INTERVAL"
    setting PULSE_AGENT_FINGERPRINT "$FINGERPRINT"
    setting PULSE_AGENT_ALLOW "$ALLOW"
  } | write_private "$SETTINGS/agent.env"
}

write_unit() {
  mkdir -p "$(dirname "$UNIT")"
  cat >"$UNIT" <<'UNIT_ENDS'
@UNIT@
UNIT_ENDS
  chmod 0644 "$UNIT"
  rm -rf "$UNIT.d"
  if [ "$DOCKER" = yes ]; then drop_in docker "SupplementaryGroups=docker"; fi
  if [ -n "$CA" ]; then drop_in ca "LoadCredential=ca:/etc/pulse-agent/ca.pem" "Environment=PULSE_AGENT_CA=%d/ca"; fi
}

drop_in() {
  mkdir -p "$UNIT.d"
  name=$1
  shift
  { printf '[Service]\n'; printf '%s\n' "$@"; } >"$UNIT.d/$name.conf"
}

install_agent() {
  case "$TOKEN" in
    '') fail "there is no --token; the page of agents in Pulse shows the whole line" ;;
    *[!A-Za-z0-9_-]*) fail "--token has characters no token has" ;;
    pulse_agent_?*) ;;
    *) fail "--token is not a token of an agent (they begin with pulse_agent_)" ;;
  esac
  [ -z "$CA" ] || [ -r "$CA" ] || fail "$CA cannot be read"
  install_binary
  write_settings
  if ! has_systemd; then
    say "installed $BINARY. There is no systemd here; let your own supervisor run, as a user of its own:"
    say "  pulse agent --server $SERVER --token-file /etc/pulse-agent/token"
    return
  fi
  write_unit
  on_machine || { say "installed into $ROOT"; return 0; }
  id pulse-agent >/dev/null 2>&1 || useradd --system --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin --user-group pulse-agent
  systemctl daemon-reload
  systemctl enable pulse-agent.service
  systemctl restart pulse-agent.service
  say "the agent runs and reports to $SERVER; its log: journalctl -u pulse-agent"
}

uninstall() {
  if on_machine && has_systemd && [ -e "$UNIT" ]; then systemctl disable --now pulse-agent.service; fi
  if [ -r "$SETTINGS/installed" ] && [ -e "$BINARY" ]; then
    if [ "$(sha256sum "$BINARY" | cut -d ' ' -f 1)" = "$(cat "$SETTINGS/installed")" ]; then rm -f "$BINARY"
    else say "$BINARY is not the one this script installed and stays"; fi
  fi
  rm -rf "$UNIT" "$UNIT.d" "$SETTINGS" "$STATE"
  if on_machine; then
    if has_systemd; then systemctl daemon-reload; fi
    if id pulse-agent >/dev/null 2>&1; then userdel pulse-agent; fi
  fi
  say "the agent is gone"
}

main() {
  TOKEN='' NAME='' INTERVAL='' CA='' FINGERPRINT='' ALLOW='' DOCKER=no ACT=install_agent
  while [ $# -gt 0 ]; do
    case "$1" in
      --docker) DOCKER=yes ;;
      --uninstall) ACT=uninstall ;;
      --token | --name | --interval | --ca | --fingerprint | --allow)
        [ $# -gt 1 ] || fail "$1 needs a value"
        case "$1" in
          --token) TOKEN=$2 ;;
          --name) NAME=$2 ;;
          --interval) INTERVAL=$2 ;;
          --ca) CA=$2 ;;
          --fingerprint) FINGERPRINT=$2 ;;
          --allow) ALLOW=$2 ;;
        esac
        shift ;;
      *) fail "there is no option $1" ;;
    esac
    shift
  done
  if on_machine && [ "$(id -u)" != 0 ]; then fail "this needs root: put sudo before sh"; fi
  "$ACT"
}

main "$@"
