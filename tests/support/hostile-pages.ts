/** Pages of metrics nobody wrote, the same for the same seed. */
import type { ExpositionFormat } from "../../server/collectors/exposition/parse.ts";
import { Seeded } from "./seeded.ts";

/** A whole number from 0 to below the limit. */
export type Random = (below: number) => number;

const TYPES = ["counter", "gauge", "histogram", "gaugehistogram", "summary", "info", "stateset", "unknown"];
const SUFFIXES = ["", "_total", "_sum", "_count", "_bucket", "_created", "_gsum", "_gcount", "_info", "_x"];
const VALUES = ["0", "1", "-2.5", "1e9", "1.5E-3", "+Inf", "-Inf", "NaN", ".5", "7.", "1027", "inf"];
const TEXTS = [
  "",
  "a",
  "sda",
  "ü€",
  '\\"',
  "\\\\",
  "\\n",
  "{",
  "}",
  ",",
  "=",
  "#",
  " ",
  "\\d",
  "x".repeat(40),
];

export function seededRandom(seed: number): Random {
  const chance = new Seeded(seed);
  return (below) => chance.below(below);
}

/** A page that is of the format, with every liberty the format gives. */
export function randomPage(random: Random, format: ExpositionFormat): string {
  const pick = <T>(list: readonly T[]) => list[random(list.length)] as T;
  const blank = () => pick(["", "", "", " ", "\t", "  "]);
  const space = () => pick([" ", " ", "\t", "  "]);
  const name = () => pick(["a", "b_c", "node_load1", "x:y", "_z", "A9"]) + (random(3) ? "" : pick(SUFFIXES));
  const text = () => Array.from({ length: random(4) }, () => pick(TEXTS)).join("");
  const labels = () => {
    const names = ["a", "le", "device", "_b", "L0"].filter(() => random(2));
    const all = names.map((label) => `${blank()}${label}${blank()}=${blank()}"${text()}"${blank()}`);
    return `{${all.join(",")}${all.length > 0 && random(4) === 0 ? "," : ""}${blank()}}`;
  };
  const time = () =>
    format === "text" ? String(random(2) * -3 + random(9_999_999)) : `${random(999_999)}.25`;
  const exemplar = () => ` # ${labels()} ${pick(VALUES)}${random(2) ? ` ${time()}` : ""}`;
  const sample = () => {
    const before = random(2) ? labels() + blank() : space();
    const after = format === "openmetrics" && random(3) === 0 ? exemplar() : "";
    return `${blank()}${name()}${before}${pick(VALUES)}${random(3) ? "" : space() + time()}${after}${blank()}`;
  };
  const line = () => {
    const kind = random(10);
    if (kind === 0) return `# TYPE ${name()}${space()}${pick(TYPES)}`;
    if (kind === 1) return `#${blank()}HELP ${name()} ${text()}`;
    if (kind === 2) return pick(["", "#", "# a remark", `# UNIT ${name()} bytes`, " \t", "#TYPES"]);
    return sample();
  };
  const lines = Array.from({ length: random(12) }, line);
  if (format === "openmetrics") lines.push("# EOF");
  return lines.join(pick(["\n", "\n", "\r\n"])) + pick(["", "\n"]);
}

/** The same page with a few things put in, taken out or doubled. */
export function spoiled(page: string, random: Random): string {
  let text = page;
  for (let round = 0; round <= random(2); round++) {
    const at = random(text.length + 1);
    const [before, after] = [text.slice(0, at), text.slice(at)];
    const junk = '{}",=\\#\n \t\r10aN+-:é\0'.charAt(random(20));
    const kind = random(4);
    if (kind === 0) text = before + junk + after;
    else if (kind === 1) text = before + after.slice(1 + random(3));
    else if (kind === 2) text = before + after.slice(0, 10) + after;
    else text = before + junk + after.slice(1);
  }
  return text;
}
