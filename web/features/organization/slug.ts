const MAX = 40;

/** What a name would be in an address; empty when nothing of it can stand in one. */
export function slugFrom(name: string): string {
  return name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replaceAll("ß", "ss")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, MAX)
    .replace(/^-+|-+$/g, "");
}

/** What would be right; undefined: it may be, and the server decides. */
export function slugFault(slug: string): string | undefined {
  if (slug.length < 2) return "At least 2 characters.";
  if (slug.length > MAX) return `At most ${MAX} characters.`;
  if (!/^[a-z0-9](?:-?[a-z0-9])*$/.test(slug))
    return "Lower-case letters, digits and single hyphens between them.";
  return undefined;
}
