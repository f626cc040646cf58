/** Whether this browser can be told, is told, and the ways in and out. */
import { place } from "../api/org-context.ts";

export type Ability = "able" | "insecure" | "not_installed" | "unable";

export function ability(): Ability {
  if (!isSecureContext) return "insecure";
  if ("serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis)
    return "able";
  /* There only what stands on the home screen can be told. */
  return /\b(?:iPhone|iPad)\b/.test(navigator.userAgent) || navigator.maxTouchPoints > 1
    ? "not_installed"
    : "unable";
}

/** What the browser gave when it agreed; nothing where it has not. */
export async function findSubscription(): Promise<PushSubscription | undefined> {
  return (await (await findRegistration())?.pushManager.getSubscription()) ?? undefined;
}

/** Asks the person, then the browser's maker. What was agreed for another key is given up. */
export async function subscribe(publicKey: string): Promise<PushSubscription> {
  const registration = await navigator.serviceWorker.register("/service-worker.js", {
    scope: scope(),
    updateViaCache: "none",
  });
  await activated(registration);
  const wanted = { userVisibleOnly: true, applicationServerKey: publicKey };
  try {
    return await registration.pushManager.subscribe(wanted);
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== "InvalidStateError") throw error;
    await (await registration.pushManager.getSubscription())?.unsubscribe();
    return registration.pushManager.subscribe(wanted);
  }
}

export async function unsubscribe(): Promise<void> {
  const registration = await findRegistration();
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
  await registration?.unregister();
}

/** In the form a channel keeps it. */
export function configOf(subscription: PushSubscription): Record<"endpoint" | "p256dh" | "auth", string> {
  return {
    endpoint: subscription.endpoint,
    p256dh: base64Url(subscription.getKey("p256dh")),
    auth: base64Url(subscription.getKey("auth")),
  };
}

/** A browser agrees once for each scope, and where a tab can stand in several places each has its own key. */
function scope(): string {
  return `${place().base}/`;
}

async function findRegistration(): Promise<ServiceWorkerRegistration | undefined> {
  const found = await navigator.serviceWorker.getRegistration(scope());
  /* One of a wider scope would answer as well. */
  return found?.scope === new URL(scope(), location.href).href ? found : undefined;
}

function activated({ installing, waiting, active }: ServiceWorkerRegistration): Promise<void> {
  const coming = installing ?? waiting;
  if (active || !coming) return Promise.resolve();
  return new Promise((resolve, reject) => {
    coming.addEventListener("statechange", () => {
      if (coming.state === "activated") resolve();
      if (coming.state === "redundant") reject(new DOMException("it was replaced", "AbortError"));
    });
  });
}

function base64Url(bytes: ArrayBuffer | null): string {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes ?? new ArrayBuffer(0))));
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
