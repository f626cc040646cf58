import { For, type JSX } from "solid-js";
import type { LicenseInfo } from "../../../server/contract/license.ts";
import { date, plural } from "../../ui/format.ts";

const AUTHORITY: Record<LicenseInfo["authority"], string> = {
  pinned:
    "Only the authority whose key is pinned with PULSE_LICENSE_PUBLIC_KEY may license this server; it cannot license itself.",
  own: "This server licenses itself, with the key in its data directory.",
  none: "Nobody’s signature counts here yet.",
};

export function LicenceFacts(props: { info: LicenseInfo }) {
  const rows = (): [string, JSX.Element][] => {
    const { license, authority, instanceId } = props.info;
    const own: [string, JSX.Element][] = license
      ? [
          ["Holder", license.holder],
          ["Covers", coverOf(license)],
          ["Issued", date(license.issuedAt)],
          ["Ends", license.expiresAt === undefined ? "never" : date(license.expiresAt)],
        ]
      : [];
    return [
      ...own,
      ["Authority", AUTHORITY[authority]],
      [
        "This server",
        <>
          <code class="font-mono text-sm select-all">{instanceId}</code>
          <span class="text-ink-2"> – for whoever issues a licence for it alone</span>
        </>,
      ],
    ];
  };
  return (
    <dl class="mt-5 grid grid-cols-[auto_minmax(0,1fr)] gap-x-8 gap-y-1.5">
      <For each={rows()}>
        {([label, value]) => (
          <>
            <dt class="text-ink-2">{label}</dt>
            <dd class="min-w-0 break-words">{value}</dd>
          </>
        )}
      </For>
    </dl>
  );
}

function coverOf(license: NonNullable<LicenseInfo["license"]>): string {
  const limits = "limits" in license ? license.limits : {};
  const orgs =
    limits.orgs === undefined
      ? "any number of organizations"
      : `${plural(limits.orgs, "organization")} besides the default one`;
  const members =
    limits.membersPerOrg === undefined
      ? "any number of members"
      : `at most ${plural(limits.membersPerOrg, "member")} in each`;
  return `${orgs}, ${members}`;
}
