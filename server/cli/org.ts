import type { OrgEntry } from "../contract/directory.ts";
import type { MultiTenantStatus } from "../instance/switch.ts";
import { DomainError } from "../lib/domain-error.ts";
import type { ListedOrg } from "../orgs/lifecycle.ts";
import { type Command, type ExitStatus, type Invocation, UsageError } from "./command.ts";
import { operate } from "./operate.ts";

const USAGE = [
  "pulse org list",
  "pulse org create SLUG --owner EMAIL [--name NAME]",
  "pulse org rename ORG [--name NAME] [--slug SLUG]",
  "pulse org suspend ORG",
  "pulse org resume ORG",
  "pulse org delete ORG --yes",
  "pulse org restore ORG",
  "pulse org purge ORG --yes",
];

export const org: Command = {
  name: "org",
  usage: ({ multiTenant }) => (multiTenant ? USAGE : []),
  summary: "organizations",
  takesWords: true,
  options: {
    owner: { type: "string" },
    name: { type: "string" },
    slug: { type: "string" },
    yes: { type: "boolean" },
  },
  async run(invocation) {
    /* Off, it is not even said how it would be used. Whether it is, the instance knows. */
    const { enabled } = (await operate(
      invocation.config,
      "multiTenant.status",
      undefined,
    )) as MultiTenantStatus;
    if (!enabled) throw new DomainError("feature_disabled", "This feature is not available.");
    const [action = "", ...words] = invocation.words;
    if (action === "list" && words.length === 0) return list(invocation);
    const [named] = words;
    if (named === undefined || words.length > 1) throw usage();
    const { options } = invocation;
    const name = textOption(options, "name");
    const changes = { ...name, ...textOption(options, "slug") };
    switch (action) {
      case "create":
        if (typeof options.owner !== "string") throw new UsageError("name the owner: --owner EMAIL");
        return change(invocation, "create", { slug: named, owner: options.owner, ...name }, "was made");
      case "rename":
        if (Object.keys(changes).length === 0) throw new UsageError("name what to change: --name or --slug");
        return change(invocation, "rename", { org: named, ...changes }, "was renamed");
      case "suspend":
        return change(invocation, "suspend", { org: named }, "is suspended");
      case "resume":
        return change(invocation, "resume", { org: named }, "is active again");
      case "restore":
        return change(invocation, "restore", { org: named }, "is back");
      case "delete":
        requireYes(options, `${named} would be closed and moved to the trash, to be purged after 30 days`);
        return change(invocation, "remove", { org: named }, "is in the trash");
      case "purge":
        requireYes(options, `${named} would be deleted for good, with all its history`);
        return change(invocation, "purge", { org: named }, "is gone");
      default:
        throw usage();
    }
  },
};

async function list({ config, out }: Invocation): Promise<ExitStatus> {
  const { orgs } = (await operate(config, "orgCommands.list", undefined)) as { orgs: ListedOrg[] };
  const width = Math.max(...orgs.map(({ slug }) => slug.length)) + 2;
  out.answer(
    { orgs },
    orgs.map(({ slug, name, state, members, owner }) => {
      const people = members === 1 ? "1 member" : `${members} members`;
      return `${slug.padEnd(width)}${name}  (${state}, ${people}${owner ? `, owner ${owner}` : ""})`;
    }),
  );
  return 0;
}

type Change = "create" | "rename" | "suspend" | "resume" | "remove" | "restore" | "purge";

async function change(
  { config, out }: Invocation,
  verb: Change,
  input: { org?: string; slug?: string; owner?: string },
  done: string,
): Promise<ExitStatus> {
  const answer = (await operate(config, `orgCommands.${verb}`, input)) as { org?: OrgEntry };
  out.answer(answer, [`${answer.org?.slug ?? input.org ?? input.slug} ${done}.`]);
  return 0;
}

function textOption(options: Invocation["options"], name: string): Record<string, string> {
  const value = options[name];
  return typeof value === "string" ? { [name]: value } : {};
}

function requireYes(options: Invocation["options"], what: string): void {
  if (options.yes !== true) throw new UsageError(`${what}; say --yes`);
}

function usage(): UsageError {
  return new UsageError(`usage: ${USAGE.join(", ")}`);
}
