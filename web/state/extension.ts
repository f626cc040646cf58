import { type Component, createSignal } from "solid-js";
import type { TokenInfo } from "../../server/contract/tokens.ts";
import type { PageRoute } from "../routes.ts";
import type { Places } from "./places.ts";

/** A page of the settings, as their navigation lists it. */
export interface SettingsLink {
  href: string;
  label: string;
  /** What concerns the whole server stands apart. */
  group: "own" | "server";
  shown: () => boolean;
}

/** Words for an entry of the audit: `{subject}` and names of details stand for what the entry says. */
export type AuditWords = Record<string, string>;

/** What only some servers offer. A browser of the others fetches none of it and reads no word of it. */
export interface Extension {
  routes: readonly PageRoute[];
  settings: readonly SettingsLink[];
  places: Places;
  /** Whether the person may administer what is on the page now. */
  administers: () => boolean;
  /** Whether the person may change what is on the page now. */
  edits: () => boolean;
  auditWords: () => Promise<AuditWords>;
  /** A choice of what a new token reaches: says what to send along, and which header a call then needs. */
  TokenReachPicker: Component<TokenReachPickerProps>;
  /** What a token reaches, under its name in the list. */
  TokenReach: Component<{ token: TokenInfo }>;
}

export interface TokenReach {
  /** Part of what `tokens.create` takes. */
  input: Record<string, unknown>;
  /** Lines an example call needs besides. */
  headers: string[];
}

export interface TokenReachPickerProps {
  onChoose: (reach: TokenReach) => void;
  error?: string | undefined;
}

/** Features every program of this page knows. */
const BASIC = new Set(["setup"]);

const [extension, setExtension] = createSignal<Extension>();
const [features, setFeatures] = createSignal<Record<string, boolean>>({});

export { extension, features };

/** A feature beyond the basic ones means that there is more to this server than this program holds. */
export async function noteFeatures(found: Record<string, boolean>): Promise<void> {
  setFeatures(found);
  if (extension() || Object.keys(found).every((name) => BASIC.has(name))) return;
  const { FURTHER } = await import("../features/further/further.ts");
  setExtension(FURTHER);
}
