import { existsSync } from "node:fs";
import { type LicenseInfo, type LicensePayload, withoutFeatures } from "../contract/license.ts";
import { DomainError } from "../lib/domain-error.ts";
import { type Command, type ExitStatus, type Invocation, UsageError } from "./command.ts";
import { operate } from "./operate.ts";

const BY = { kind: "command" } as const;
/** A licence has 8 KiB at most; what is much longer is some other file. */
const MAX_FILE_BYTES = 16_384;
/** No licence is as short as this, but names of files are. */
const SHORTEST_LICENSE = 100;

/** With multi-tenancy off nobody is told about what it brings. */
export function licenseUsage(multiTenant: boolean): string[] {
  const limits = multiTenant ? "[--orgs N] [--members N] " : "";
  return [
    "pulse license show",
    "pulse license init [--holder NAME]",
    `pulse license issue --holder NAME ${limits}[--expires YYYY-MM-DD] [--instance ID]`,
    "pulse license install FILE|-|LICENCE",
    "pulse license remove",
  ];
}

export const license: Command = {
  name: "license",
  usage: ({ multiTenant }) => licenseUsage(multiTenant),
  summary: "the licence of this instance",
  takesWords: true,
  options: {
    holder: { type: "string" },
    orgs: { type: "string" },
    members: { type: "string" },
    expires: { type: "string" },
    instance: { type: "string" },
  },
  async run(invocation) {
    const [action, ...words] = invocation.words;
    const usage = licenseUsage(invocation.config.multiTenant).join(", ");
    const [source] = words;
    const wanted = action === "install" ? 1 : 0;
    if (words.length !== wanted) throw new UsageError(`usage: ${usage}`);
    switch (action) {
      case "show":
        return tell(invocation, await ask(invocation, "license.show"));
      case "init":
        return tell(invocation, await ask(invocation, "license.init", { by: BY, ...holderOf(invocation) }));
      case "issue":
        return issue(invocation, usage);
      case "install": {
        const text = await licenseText(source as string);
        return tell(invocation, await ask(invocation, "license.install", { by: BY, license: text }));
      }
      case "remove":
        return tell(invocation, await ask(invocation, "license.remove", { by: BY }));
      default:
        throw new UsageError(`usage: ${usage}`);
    }
  },
};

type Verb = "license.show" | "license.init" | "license.install" | "license.remove";

async function ask({ config }: Invocation, verb: Verb, input?: unknown): Promise<LicenseInfo> {
  return (await operate(config, verb, input)) as LicenseInfo;
}

async function issue(invocation: Invocation, usage: string): Promise<ExitStatus> {
  const { config, options, out } = invocation;
  const holder = holderOf(invocation);
  if (!holder) throw new UsageError(`name the holder with --holder; usage: ${usage}`);
  const input = {
    by: BY,
    ...holder,
    ...wholeNumber("orgs", options.orgs, 0, "orgs"),
    ...wholeNumber("members", options.members, 1, "membersPerOrg"),
    ...(typeof options.expires === "string" && { expiresAt: dayOf(options.expires) }),
    ...(typeof options.instance === "string" && { instance: options.instance }),
  };
  const issued = (await operate(config, "license.issue", input)) as { license: string };
  /* The licence and nothing else, so that it can be sent into a file. */
  out.answer(issued, [issued.license]);
  return 0;
}

function tell({ config, out }: Invocation, info: LicenseInfo): ExitStatus {
  out.answer(shownInfo(info, config.multiTenant), licenseLines(info, config.multiTenant));
  return 0;
}

export function licenseLines(info: LicenseInfo, multiTenant: boolean): string[] {
  const { license, problem } = info;
  const rows: [string, string | undefined][] = [
    ["licence", statusWords(info)],
    ["problem", problem],
    ["holder", license?.holder],
    ["id", license?.id],
    ["issued", license && dayText(license.issuedAt)],
    ["limits", license && "limits" in license ? limitWords(license.limits, multiTenant) : undefined],
    ["only for", license?.instance],
    ["authority", AUTHORITY_WORDS[info.authority]],
    ["instance", info.instanceId],
  ];
  return rows.flatMap(([name, words]) => (words === undefined ? [] : [`${name.padEnd(11)}${words}`]));
}

const AUTHORITY_WORDS: Record<LicenseInfo["authority"], string> = {
  pinned: "the one of PULSE_LICENSE_PUBLIC_KEY",
  own: "this instance itself",
  none: 'none yet; "pulse license init" makes this instance its own',
};

function statusWords({ status, license, graceEndsAt, problem }: LicenseInfo): string {
  const end = license?.expiresAt === undefined ? undefined : dayText(license.expiresAt);
  switch (status) {
    case "none":
      return problem === undefined ? "none is installed" : "the one that is installed does not count";
    case "valid":
      return end === undefined ? "valid, without an end" : `valid until ${end}`;
    case "grace":
      return `ended on ${end}; still counts until ${dayText(graceEndsAt as number)}`;
    case "expired":
      return `ended on ${end} and no longer counts; nothing was deleted`;
  }
}

function limitWords({ orgs, membersPerOrg }: LicensePayload["limits"], multiTenant: boolean): string {
  if (orgs === undefined && membersPerOrg === undefined) return "none";
  if (!multiTenant) return "some";
  return [
    orgs !== undefined && `${orgs} ${orgs === 1 ? "organization" : "organizations"}`,
    membersPerOrg !== undefined && `${membersPerOrg} ${membersPerOrg === 1 ? "member" : "members"} in each`,
  ]
    .filter(Boolean)
    .join(", ");
}

/** With `--json`. The names of limits give away what multi-tenancy brings. */
export function shownInfo(info: LicenseInfo, multiTenant: boolean): unknown {
  return multiTenant ? info : withoutFeatures(info);
}

function holderOf({ options }: Invocation): { holder: string } | undefined {
  return typeof options.holder === "string" ? { holder: options.holder } : undefined;
}

export function wholeNumber(
  option: string,
  text: Invocation["options"][string],
  least: number,
  field: string,
): Record<string, number> {
  if (typeof text !== "string") return {};
  if (!/^\d{1,6}$/.test(text) || Number(text) < least) {
    throw new UsageError(`--${option} is a whole number from ${least} to 999999`);
  }
  return { [field]: Number(text) };
}

/** The beginning of the day, in UTC: what is written there is what `show` prints. */
export function dayOf(text: string): number {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(time) || dayText(time) !== text) throw new UsageError("--expires is a day: YYYY-MM-DD");
  return time;
}

function dayText(time: number): string {
  const date = new Date(time);
  /* A licence without an end is sometimes written with one that no calendar has. */
  return Number.isNaN(date.getTime())
    ? "a day beyond any calendar"
    : date.toISOString().slice(0, -"T00:00:00.000Z".length);
}

/** From a file, from standard input, or the word itself. */
export async function licenseText(source: string): Promise<string> {
  if (source === "-") return Bun.stdin.text();
  if (existsSync(source)) {
    const file = Bun.file(source);
    if (file.size > MAX_FILE_BYTES) throw new DomainError("invalid_request", `${source} is not a licence.`);
    return file.text();
  }
  if (source.length < SHORTEST_LICENSE || source.includes("/")) {
    throw new DomainError("not_found", `There is no file ${source}, and it is not a licence either.`);
  }
  return source;
}
