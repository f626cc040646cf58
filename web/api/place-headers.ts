/** What a request says about the place it is for. Only fetched where there is one to name. */
export function placeHeaders(slug: string): Record<string, string> {
  return { "x-pulse-org-id": slug };
}
