/**
 * The commands that give Pulse a token which may look and nothing else, to be pasted on a node or run there.
 *
 * The token has privileges of its own (privilege separation), never more than its user, and both get the same
 * few. Run again, the script makes a new secret, because the old one cannot be shown twice. All of it stands
 * in one pair of parentheses: pasted into a login shell, a failure ends the script and not the session, and
 * nothing starts before the last line has arrived. An exclamation mark stands in single quotes throughout,
 * else an interactive shell takes it for a word of its history.
 *
 * On VE 8 the only privilege that lets the guest agents be asked (VM.Monitor) also lets commands be run inside
 * the guests. Nobody should give that away to see a disk fill up, so it is given only when asked for.
 */
import { DomainError } from "../../lib/domain-error.ts";

const TOKEN_NAME = /^[A-Za-z][A-Za-z0-9._-]{0,63}$/;

export function proxmoxSetupScript(product: "ve" | "backup", options: { tokenName: string }): string {
  if (!TOKEN_NAME.test(options.tokenName)) {
    throw new DomainError(
      "invalid_request",
      "A token's name begins with a letter and holds letters, digits, dots, dashes and underscores.",
    );
  }
  return product === "ve" ? veScript(options.tokenName) : backupScript(options.tokenName);
}

function veScript(token: string): string {
  return `(
# Gives Pulse a token that may look at this Proxmox VE cluster and change nothing.
# As root on one node. Run again, it makes a new secret.
set -eu
user='pulse@pve'
token='${token}'
role='PulseMonitor'
id="$user"'!'"$token"

command -v pveum >/dev/null || { echo 'This is no Proxmox VE node: there is no pveum.' >&2; exit 1; }

privileges='Sys.Audit,VM.Audit,Datastore.Audit'
major=$(pveversion | sed -n 's|^pve-manager/\\([0-9]*\\).*|\\1|p')
if [ "\${major:-0}" -ge 9 ]; then
  privileges="$privileges,VM.GuestAgent.Audit"
elif [ "\${PULSE_GUEST_AGENTS:-no}" = yes ]; then
  privileges="$privileges,VM.Monitor"
else
  echo 'Guest agents are not read. On this release that takes VM.Monitor, which also lets commands be run in'
  echo 'the guests. If that is all right: export PULSE_GUEST_AGENTS=yes, and run this again.'
fi

if pvesh get "/access/roles/$role" >/dev/null 2>&1; then
  pveum role modify "$role" --privs "$privileges"
else
  pveum role add "$role" --privs "$privileges"
fi
pvesh get "/access/users/$user" >/dev/null 2>&1 ||
  pveum user add "$user" --comment 'Pulse: looks, changes nothing'
if pvesh get "/access/users/$user/token/$token" >/dev/null 2>&1; then
  pveum user token remove "$user" "$token"
fi
secret=$(pveum user token add "$user" "$token" --privsep 1 --output-format json |
  sed -n 's/.*"value" *: *"\\([^"]*\\)".*/\\1/p')
pveum acl modify / --users "$user" --roles "$role"
pveum acl modify / --tokens "$id" --roles "$role"

certificate=/etc/pve/local/pveproxy-ssl.pem
[ -f "$certificate" ] || certificate=/etc/pve/local/pve-ssl.pem
fingerprint=$(openssl x509 -in "$certificate" -noout -fingerprint -sha256 | sed 's/^.*=//')

echo
echo "Address:      https://$(hostname --ip-address | cut -d ' ' -f 1):8006"
echo "Token id:     $id"
echo "Token secret: $secret"
echo "Fingerprint:  $fingerprint"
)
`;
}

function backupScript(token: string): string {
  return `(
# Gives Pulse a token that may look at this Proxmox Backup Server and change nothing.
# As root on the server. Run again, it makes a new secret.
set -eu
user='pulse@pbs'
token='${token}'
id="$user"'!'"$token"

command -v proxmox-backup-manager >/dev/null ||
  { echo 'This is no Proxmox Backup Server: there is no proxmox-backup-manager.' >&2; exit 1; }

proxmox-backup-manager user list --output-format json | grep -q "\\"$user\\"" ||
  proxmox-backup-manager user create "$user" --comment 'Pulse: looks, changes nothing'
if proxmox-backup-manager user list-tokens "$user" --output-format json | grep -q "\\"$id\\""; then
  proxmox-backup-manager user delete-token "$user" "$token"
fi
secret=$(proxmox-backup-manager user generate-token "$user" "$token" |
  sed -n 's/.*"value" *: *"\\([^"]*\\)".*/\\1/p')
for path in /system /datastore /remote; do
  proxmox-backup-manager acl update "$path" Audit --auth-id "$user"
  proxmox-backup-manager acl update "$path" Audit --auth-id "$id"
done

fingerprint=$(proxmox-backup-manager cert info | sed -n 's/^Fingerprint (sha256): *//p')

echo
echo "Address:      https://$(hostname --ip-address | cut -d ' ' -f 1):8007"
echo "Token id:     $id"
echo "Token secret: $secret"
echo "Fingerprint:  $fingerprint"
)
`;
}
