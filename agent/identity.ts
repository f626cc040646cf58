/**
 * Who this agent is for its server. With a token for one machine the token is all there is. With an
 * enrolment token, which many machines share, the agent asks once for a credential of its own and
 * keeps it: neither the host's name nor its machine id makes it the same or another, so that renamed,
 * rebuilt and cloned machines are told apart by the server alone.
 *
 * What is kept belongs to one server and one enrolment token: with another the agent enrols anew.
 */
import { mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { AGENT_TOKEN_PATTERN, ENROLMENT_TOKEN_PREFIX } from "../server/contract/agent-tokens.ts";
import { sha256Hex } from "../server/lib/random-id.ts";
import { findJsonFile, replaceFile } from "./private-file.ts";
import { read } from "./verdict.ts";

export interface Identity {
  agentId: string;
  token: string;
}

/** As `contract/agents` has it, which costs a schema library to load; the server judges. */
const NAME_LENGTH = 80;
const AGENT_ID_PATTERN = /^[A-Za-z0-9_-]{1,100}$/;
export function isEnrolmentToken(token: string): boolean {
  return token.startsWith(ENROLMENT_TOKEN_PREFIX);
}

const pathIn = (stateDir: string) => join(stateDir, "identity.json");

/** What an earlier start enrolled as, at this server and with this token. */
export function findIdentity(stateDir: string, server: string, enrolmentToken: string): Identity | undefined {
  const kept = findJsonFile(pathIn(stateDir)) as Record<string, unknown> | undefined | null;
  if (kept?.server !== server || kept.enrolledWith !== sha256Hex(enrolmentToken)) return undefined;
  return asIdentity(kept);
}

/** On disk when this returns: an identity that is lost is an agent too many at the server. */
export function keepIdentity(
  stateDir: string,
  server: string,
  enrolmentToken: string,
  identity: Identity,
): void {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const kept = { server, enrolledWith: sha256Hex(enrolmentToken), ...identity };
  replaceFile(pathIn(stateDir), kept, { durable: true });
}

/** The server's answer to an enrolment; undefined when it is not one. */
export function parseEnrolment(body: string): Identity | undefined {
  const said = read(body);
  return said && asIdentity(said);
}

function asIdentity({ agentId, token }: Record<string, unknown>): Identity | undefined {
  if (typeof agentId !== "string" || !AGENT_ID_PATTERN.test(agentId)) return undefined;
  if (typeof token !== "string" || !AGENT_TOKEN_PATTERN.test(token) || isEnrolmentToken(token))
    return undefined;
  return { agentId, token };
}

/** What the machine is called until it has told its own name in a report. */
export function enrolmentName(given: string | undefined): string {
  const name = (given ?? hostname()).replaceAll(/[\p{Cc}\p{Cf}]/gu, "").trim();
  return name.slice(0, NAME_LENGTH) || "host";
}
