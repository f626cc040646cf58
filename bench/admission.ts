/**
 * What it costs to decide about one call: `access/admission.admit`, with 10,000 people who each have a session in
 * memory, a thousand of them members of the same org. In microseconds.
 *
 *   bun bench/admission.ts
 */
import { createHash } from "node:crypto";
import { admit, type Claims, endReasonFor, type Need } from "../server/access/admission.ts";
import { Directory } from "../server/access/directory.ts";
import { Features } from "../server/access/features.ts";
import { Sessions } from "../server/access/sessions.ts";
import { DEFAULT_ORG, SessionId, UserId } from "../server/contract/ids.ts";
import { mintId, randomBase32 } from "../server/lib/random-id.ts";
import { printTable, spread } from "./table.ts";

const PEOPLE = 10_000;
const MEMBERS = 1_000;
const ROUNDS = 50;
const CALLS = 2_000;

const directory = new Directory();
const now = Date.now();
const raw: string[] = [];
directory.apply([{ kind: "org", org: { id: DEFAULT_ORG, slug: "default", state: "active" } }]);
for (let n = 0; n < PEOPLE; n++) {
  const id = UserId.parse(mintId("u"));
  const rawId = randomBase32(40);
  raw.push(rawId);
  directory.apply([
    {
      kind: "person",
      person: { id, email: `p${n}@example.org`, name: "p", operator: false, disabled: false },
    },
    {
      kind: "session",
      session: {
        idHash: createHash("sha256").update(rawId).digest("hex"),
        id: SessionId.parse(mintId("s")),
        userId: id,
        createdAt: now,
        lastSeenAt: now,
        idleEndsAt: now + 14 * 86_400_000,
        endsAt: now + 90 * 86_400_000,
        address: "127.0.0.1",
        userAgent: "bench",
      },
    },
  ]);
  if (n < MEMBERS) directory.apply([{ kind: "member", orgId: DEFAULT_ORG, userId: id, role: "viewer" }]);
}
const gate = {
  directory,
  features: new Features({ multiTenant: false }),
  sessions: new Sessions({ directory, instance: {} as never, clock: Date.now, onFailure: () => {} }),
};

const claims = (rawSession: string | undefined): Claims => ({
  requestedOrgs: [],
  rawSession,
  bearer: undefined,
  address: "127.0.0.1",
  onThisMachine: true,
  secure: false,
});
const viewer: Need = { who: "viewer", surface: "always" };
const known = () => {};

/** Microseconds per call, once a round. */
async function measure(call: (n: number) => unknown): Promise<string> {
  const figures: number[] = [];
  for (let round = -5; round < ROUNDS; round++) {
    const startedAt = performance.now();
    for (let n = 0; n < CALLS; n++) {
      const made = call(n);
      if (made instanceof Promise) await made.catch(() => {});
    }
    if (round >= 0) figures.push(((performance.now() - startedAt) * 1_000) / CALLS);
  }
  return spread(figures, 2);
}

const admitted = await admit(gate, claims(raw[0]), viewer, known);
printTable(
  `Deciding about one call, µs: median (10-90 %) of ${ROUNDS} rounds of ${CALLS} calls, ${PEOPLE} people`,
  ["decision", "µs"],
  [
    ["a member is let in", await measure((n) => admit(gate, claims(raw[n % MEMBERS]), viewer, known))],
    [
      "somebody signed in is no member",
      await measure((n) => admit(gate, claims(raw[MEMBERS + (n % 5_000)]), viewer, known)),
    ],
    ["nobody is signed in", await measure(() => admit(gate, claims(undefined), viewer, known))],
    ["the session is made up", await measure(() => admit(gate, claims("a".repeat(40)), viewer, known))],
    [
      "for anybody",
      await measure(() => admit(gate, claims(undefined), { who: "public", surface: "always" }, known)),
    ],
    ["a stream is asked again", await measure(() => endReasonFor(gate, admitted, "viewer"))],
  ],
);
process.exit(0);
