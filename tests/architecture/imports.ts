/** Reads the imports of a source tree and judges them by the table in `layers.ts`. */
import { dirname, join } from "node:path";
import { type Layer, layers, libraries } from "./layers.ts";

export interface Import {
  readonly specifier: string;
  /**
   * `types` are erased before anything runs: `import type`, `export type … from`, `import("…").Type`.
   * `thread` is the entry of a worker: loaded, but not here.
   */
  readonly kind: "code" | "types" | "thread";
}

const FOLDERS = ["server", "db", "web", "agent", "client", "scripts"];

/** One sentence for each import that the table does not allow. */
export async function findViolations(root: string): Promise<string[]> {
  const sources = new Bun.Glob(`{${FOLDERS.join(",")}}/**/*.{ts,tsx}`).scan({ cwd: root });
  const files = (await Array.fromAsync(sources)).filter((file) => !file.endsWith(".test.ts")).sort();
  const perFile = files.map(async (file) => {
    const source = await Bun.file(join(root, file)).text();
    return readImports(file, source).flatMap((found) => judge(file, found) ?? []);
  });
  return (await Promise.all(perFile)).flat();
}

/**
 * Code is what Bun's own parser finds: static, dynamic and `require`. The rest it drops or takes for addresses, so
 * it is read from the text: the formatter keeps each statement at the start of a line, where prose and strings are not.
 */
export function readImports(file: string, source: string): Import[] {
  const parser = new Bun.Transpiler({ loader: file.endsWith("x") ? "tsx" : "ts" });
  const code = new Set(parser.scanImports(source).map(({ path }) => path));
  for (const added of JSX_RUNTIME) code.delete(added);
  const threads = new Set(matches(source, /new URL\(\s*"(\.[^"]+)",\s*import\.meta\.url/g));
  const named = new Set([
    ...matches(source, /^(?:import|export)\s[^;"']*?\bfrom\s+"([^"]+)"/gm),
    ...matches(source, /\bimport\(\s*"([^"]+)"\s*\)/g),
  ]);
  return [
    ...[...code].map((specifier): Import => ({ specifier, kind: "code" })),
    ...[...threads].map((specifier): Import => ({ specifier, kind: "thread" })),
    ...[...named.difference(code)].map((specifier): Import => ({ specifier, kind: "types" })),
  ];
}

/** What the parser adds to a file with JSX; the page is compiled by Solid's compiler instead. */
const JSX_RUNTIME = ["react", "react/jsx-runtime", "react/jsx-dev-runtime"];

function matches(source: string, pattern: RegExp): string[] {
  return [...source.matchAll(pattern)].map(([, specifier]) => specifier!);
}

function judge(file: string, { specifier, kind }: Import): string | undefined {
  const from = layerOf(file);
  const act = { code: "imports", types: "imports types of", thread: "starts" }[kind];
  const sentence = `${file} ${act} ${specifier}`;
  if (!from) return `${file}: no layer in tests/architecture/layers.ts holds it`;
  if (!specifier.startsWith(".")) return judgeLibrary(file, packageOf(specifier), sentence);

  const target = join(dirname(file), specifier);
  if (/\.(css|json|svg)$/.test(target)) return undefined;
  const to = layerOf(target);
  if (!to) return `${sentence}, which is in no layer`;
  const { may, types = [], starts = [] } = from.layer;
  const allowed = { code: may, types: [...may, ...types], thread: starts }[kind];
  if (to.name === from.name || allowed.includes(to.name)) return undefined;
  const verb = { code: "may import", types: "may import types of", thread: "may start" }[kind];
  return `${sentence} ("${to.name}"): "${from.name}" ${verb} only ${allowed.join(", ") || "itself"}`;
}

function judgeLibrary(file: string, name: string, sentence: string): string | undefined {
  const places = libraries[name];
  if (!places) return `${sentence}: no line in tests/architecture/layers.ts says where "${name}" may be used`;
  const within = (place: string) => matchLength(file, place) > 0;
  const refused = places.some((place) => place.startsWith("!") && within(place.slice(1)));
  if (places.some(within) && !refused) return undefined;
  return `${sentence}: "${name}" is for ${places.join(", ")}`;
}

function layerOf(file: string): { name: string; layer: Layer } | undefined {
  const length = (layer: Layer) => Math.max(...layer.files.map((place) => matchLength(file, place)));
  const [best] = Object.entries(layers).sort(([, a], [, b]) => length(b) - length(a));
  return best && length(best[1]) > 0 ? { name: best[0], layer: best[1] } : undefined;
}

/** How much of a path a place covers: 0 for none, so that the longest decides. */
function matchLength(file: string, place: string): number {
  const covers = place.endsWith("/") ? file.startsWith(place) : file === place;
  return covers ? place.length : 0;
}

function packageOf(specifier: string): string {
  if (specifier.startsWith("node:")) return "node";
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : parts[0]!;
}
