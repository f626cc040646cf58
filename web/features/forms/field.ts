/**
 * What a form asks for, as data: one list per type of source and of channel, drawn by one component and turned into
 * what the server takes by one function. What is typed stays text until then.
 */

/** By the key of the field. A secret that is `false` is to be forgotten; an empty one stays as it is kept. */
export type Values = Record<string, string | boolean>;

interface Common {
  /** Where it stands in the config, or among the secrets: "url", "server.host". */
  key: string;
  label: string;
  help?: string;
  /** What is right when it is left empty. */
  optional?: true;
  /** Below the fold: right as it is for most. */
  further?: true;
  /** Asked only then. */
  when?: (values: Values) => boolean;
}

export type FormField = Common &
  (
    | { input: "text"; example?: string }
    /** Never shown again. */
    | { input: "secret"; of?: "header"; lines?: true }
    /** `least` and `most` as they are typed; `times` makes what the server counts in. */
    | { input: "number"; least: number; most: number; standard?: number; unit?: string; times?: number }
    | {
        input: "choice";
        options: readonly { value: string; label: string }[];
        standard: string;
        local?: true;
      }
    | { input: "switch"; standard: boolean }
    /** "90 s", "24 h" */
    | { input: "span"; leastMs: number; mostMs: number; standardMs?: number }
    | { input: "area"; example?: string }
    /** A list, of which each stands on a line of its own. */
    | { input: "lines"; example?: string }
    /** One "Name: value" a line. */
    | { input: "headers"; example?: string }
    /** One metric a line. */
    | { input: "metrics"; example?: string }
    /** Text, a number, true, false or null: whatever it looks like. */
    | { input: "scalar" }
  );

export type FieldOf<Input extends FormField["input"]> = Extract<FormField, { input: Input }>;

export interface FormKind {
  /** "Proxmox VE" */
  label: string;
  /** What it is or brings, in one sentence. */
  words: string;
  fields: readonly FormField[];
  /** What another choice makes of other fields. */
  follow?: (key: string, values: Values) => Values;
  /** What it is called unless somebody says otherwise. */
  nameFrom?: (values: Values) => string;
}
