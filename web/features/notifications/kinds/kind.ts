/** What a type of channel is asked for, as data; drawn and read as the forms of sources are. */
import type { FormField, Values } from "../../sources/forms/field.ts";

export interface ChannelKind {
  /** "Discord" */
  label: string;
  /** What it is, in one sentence. */
  words: string;
  fields: readonly FormField[];
  /** Fields whose lines are a list of their own each. */
  lists?: readonly string[];
  /** What another choice makes of other fields. */
  follow?: (key: string, values: Values) => Values;
  /** What it is called unless somebody says otherwise. */
  nameFrom?: (values: Values) => string;
}

export const SERVER = { key: "server", label: "Server", input: "text" } as const;
