import { GivenRole } from "../contract/members.ts";
import type { PersonInfo } from "../people/accounts.ts";
import { type Command, type ExitStatus, type Invocation, UsageError } from "./command.ts";
import { operate } from "./operate.ts";

interface WithPassword {
  person: PersonInfo;
  password: string;
}

const USAGE = [
  "pulse user list",
  "pulse user create EMAIL [--name NAME] [--operator] [--role viewer|editor|admin]",
  "pulse user reset-password EMAIL",
  "pulse user disable EMAIL",
];

export const user: Command = {
  name: "user",
  usage: () => USAGE,
  summary: "people who can sign in",
  takesWords: true,
  options: { name: { type: "string" }, operator: { type: "boolean" }, role: { type: "string" } },
  async run(invocation) {
    const [action, ...words] = invocation.words;
    switch (action) {
      case "list":
        if (words.length > 0) throw new UsageError(`usage: ${USAGE[0]}`);
        return list(invocation);
      case "create":
        return create(invocation, oneEmail(words));
      case "reset-password":
        return resetPassword(invocation, oneEmail(words));
      case "disable":
        return disable(invocation, oneEmail(words));
      default:
        throw new UsageError(`usage: ${USAGE.join(", ")}`);
    }
  },
};

async function list({ config, out }: Invocation): Promise<ExitStatus> {
  const { people } = (await operate(config, "people.list", undefined)) as { people: PersonInfo[] };
  const width = Math.max(0, ...people.map(({ email }) => email.length)) + 2;
  const lines = people.map(({ email, name, operator, disabled }) => {
    const marks = [operator && "operator", disabled && "disabled"].filter(Boolean).join(", ");
    return `${email.padEnd(width)}${name}${marks && `  (${marks})`}`;
  });
  out.answer({ people }, lines.length > 0 ? lines : ["Nobody has an account yet."]);
  return 0;
}

async function create({ config, options, out }: Invocation, email: string): Promise<ExitStatus> {
  const input = {
    email,
    operator: options.operator === true,
    ...(options.role !== undefined && { role: roleOf(options.role) }),
    ...(typeof options.name === "string" && { name: options.name }),
  };
  const { person, password } = (await operate(config, "people.create", input)) as WithPassword;
  out.answer({ person, password }, [
    `${person.email} can sign in with this password, and should change it:`,
    password,
  ]);
  return 0;
}

async function resetPassword({ config, out }: Invocation, email: string): Promise<ExitStatus> {
  const { person, password } = (await operate(config, "people.resetPassword", {
    email,
  })) as WithPassword;
  out.answer({ person, password }, [
    `${person.email} is signed out everywhere and has a new password:`,
    password,
  ]);
  return 0;
}

async function disable({ config, out }: Invocation, email: string): Promise<ExitStatus> {
  const { person } = (await operate(config, "people.disable", { email })) as { person: PersonInfo };
  out.answer({ person }, [`${person.email} can no longer sign in and is signed out everywhere.`]);
  return 0;
}

function oneEmail(words: string[]): string {
  const [email] = words;
  if (email === undefined || words.length > 1)
    throw new UsageError(`name one e-mail address; usage: ${USAGE.join(", ")}`);
  return email;
}

/** In `default`. Without it people become viewers there, or, where there are others too, no members. */
function roleOf(text: unknown): GivenRole {
  const role = GivenRole.safeParse(text);
  if (!role.success) throw new UsageError("--role is viewer, editor or admin");
  return role.data;
}
