import type { Config } from "../config.ts";
import type { NewToken, TokenInfo } from "../contract/tokens.ts";
import { DomainError } from "../lib/domain-error.ts";
import { type Command, type ExitStatus, type Invocation, UsageError } from "./command.ts";
import { operate } from "./operate.ts";

/** Those that may be given more than once come as lists. */
const OPTIONS = {
  name: { type: "string" },
  as: { type: "string" },
  org: { type: "string", multiple: true },
  scope: { type: "string", multiple: true },
  expires: { type: "string" },
} as const;

export const token: Command = {
  name: "token",
  usage: usageOf,
  summary: "API tokens",
  takesWords: true,
  options: OPTIONS,
  async run(invocation) {
    const [action = "", ...words] = invocation.words;
    const orgs = listed(invocation.options["org"]);
    if (orgs.length > 0 && !invocation.config.multiTenant)
      throw new DomainError("feature_disabled", "This feature is not available.");
    if (action === "create" && words.length === 0) return create(invocation, orgs);
    if (action === "list" && words.length === 0) return list(invocation, orgs);
    if (action === "revoke" && words.length === 1) return revoke(invocation, words[0] as string);
    throw usage(invocation);
  },
};

/** Without multi-tenancy there is nothing to choose. */
function usageOf({ multiTenant }: Config): string[] {
  const many = multiTenant ? " [--org ORG]..." : "";
  const one = multiTenant ? " [--org ORG]" : "";
  return [
    `pulse token create --name NAME --as EMAIL${many} --scope read|write|report|admin... [--expires DATE]`,
    `pulse token list${one}`,
    "pulse token revoke ID",
  ];
}

async function create({ config, options, out }: Invocation, orgs: string[]): Promise<ExitStatus> {
  const { name, as: email, expires } = options;
  const scopes = listed(options["scope"]);
  if (typeof name !== "string") throw new UsageError("say what it is for: --name NAME");
  if (typeof email !== "string") throw new UsageError("say whose rights it has: --as EMAIL");
  if (scopes.length === 0) throw new UsageError("say what it may do: --scope read, write, report or admin");
  const input = {
    name,
    email,
    scopes,
    ...(orgs.length > 0 && { orgs }),
    ...(typeof expires === "string" && { expiresAt: dateOf(expires) }),
  };
  const made = (await operate(config, "tokenCommands.create", input)) as NewToken;
  out.answer(made, [`Token ${made.id}, shown only now:`, made.token]);
  return 0;
}

async function list({ config, out }: Invocation, orgs: string[]): Promise<ExitStatus> {
  if (orgs.length > 1) throw new UsageError("name one --org at most");
  const [org] = orgs;
  const input = org === undefined ? {} : { org };
  const { tokens } = (await operate(config, "tokenCommands.list", input)) as { tokens: TokenInfo[] };
  const lines = tokens.map((info) => {
    const { id, name, scopes, madeBy } = info;
    const bound = info.orgs && `in ${info.orgs.map(({ slug }) => slug).join(", ")}`;
    const until = info.expiresAt !== undefined && `until ${dayOf(info.expiresAt)}`;
    const used = info.lastUsedAt === undefined ? "never used" : `last used ${dayOf(info.lastUsedAt)}`;
    const facts = [scopes.join(" "), `as ${madeBy.email}`, bound, until, used].filter(Boolean);
    return `${id}  ${name}  (${facts.join(", ")})`;
  });
  out.answer({ tokens }, lines.length > 0 ? lines : ["There are no tokens."]);
  return 0;
}

async function revoke({ config, out }: Invocation, id: string): Promise<ExitStatus> {
  await operate(config, "tokenCommands.revoke", { id });
  out.answer({ revoked: true }, [`${id} is not valid any more.`]);
  return 0;
}

/** `2027-01-31` is its first moment in UTC; a time may follow. */
function dateOf(text: string): number {
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new UsageError(`"${text}" is not a date like 2027-01-31`);
  return at;
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

function listed(option: unknown): string[] {
  return Array.isArray(option) ? option.map(String) : [];
}

function usage({ config }: Invocation): UsageError {
  return new UsageError(`usage: ${usageOf(config).join(", ")}`);
}
