import type { EndReason } from "../../../server/contract/live.ts";
import type { Org } from "../../../server/contract/orgs.ts";
import { onRefused } from "../../api/client.ts";
import { baseOf, moveTo, onSwitched, place, slugIn } from "../../api/org-context.ts";
import { placeHeaders } from "../../api/place-headers.ts";
import { startLive } from "../../state/live.ts";
import { me, state } from "../../state/session.ts";
import { byLastUse, readUsed } from "./last-used.ts";
import { here, isLicensed, look, orgs, setDenied, setUnavailable, standing } from "./standing.ts";

/** The start of an organization's pages. */
export function homeOf(slug: string): string {
  return `${baseOf(slug)}/`;
}

export function usedFirst(): Org[] {
  return byLastUse(orgs(), readUsed(me()?.user.id ?? ""));
}

/** Goes to a page that may be another organization's. */
export function goTo(path: string): void {
  history.pushState(null, "", path);
  // Within one organization it is its router that has to notice.
  if (slugIn(location.pathname) === place().slug) window.dispatchEvent(new PopStateEvent("popstate"));
  else follow();
}

/** Stands where the address says. */
export function follow(): void {
  if (state() === "signed_in") stand(slugIn(location.pathname));
}

function stand(slug: string): void {
  moveTo(slug, placeHeaders(slug));
  /* What is known may be old: nobody is turned away by it without asking. */
  if (standing() !== "fine") lookSoon(0);
}

/** Someone is here now. */
export function arrive(): void {
  leadOn(location.pathname);
  stand(slugIn(location.pathname));
}

/** At the start of the server's pages nobody is stranded who has somewhere else to go. */
export function leadOn(pathname: string): void {
  const isMember = orgs().some(({ slug, state: now }) => slug === slugIn("/") && now === "active");
  const other = usedFirst().find(({ state: now }) => now === "active");
  if (pathname !== "/" || isMember || !other) return;
  history.replaceState(null, "", homeOf(other.slug));
  follow();
}

/** A stream that has ended for good: what is the matter is asked, and said by the frame of the page. */
export function lost(reason: EndReason): boolean {
  void look().then(() => {
    setDenied(reason === "access_changed" && !isLicensed());
    setTimeout(resume, 1_000);
  });
  return true;
}

/** The right to watch was only gone for a moment, or was changed and not taken. */
function resume(): void {
  if (state() === "signed_in" && standing() === "fine") startLive(false);
}

// The buttons of the browser lead to other organizations as well; the listener of the pages comes after this one.
window.addEventListener("popstate", follow, { capture: true });

// A link to another organization is none of this one's pages.
document.addEventListener(
  "click",
  (event) => {
    if (event.defaultPrevented || event.button !== 0 || state() !== "signed_in") return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (slugIn(link.pathname) === place().slug || link.pathname.startsWith("/api/")) return;
    event.preventDefault();
    goTo(link.pathname + link.search + link.hash);
  },
  { capture: true },
);

const LOOK_AGAIN = new Set([
  "access_denied",
  "org_suspended",
  "feature_disabled",
  "license_required",
  "role_required",
]);
/** One look is enough for all that is refused at once. */
const LOOK_EVERY_MS = 2_000;
let lookedAt = 0;

function lookSoon(everyMs: number): void {
  if (performance.now() - lookedAt < everyMs) return;
  lookedAt = performance.now();
  void look();
}

onRefused(({ reason }, at) => {
  if (at.slug === undefined || state() !== "signed_in") return;
  if (reason === "org_unavailable") setUnavailable(true);
  else if (LOOK_AGAIN.has(reason)) lookSoon(LOOK_EVERY_MS);
});
onSwitched((slug) => {
  lookedAt = 0;
  // For whatever else keeps something of the old one.
  window.dispatchEvent(new CustomEvent("org_switched", { detail: { slug } }));
});

// Who comes back to a page after a while may have been invited, promoted or removed in the meantime.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && state() === "signed_in" && here()) lookSoon(30_000);
});
