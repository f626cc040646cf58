/** What a message to this device becomes on it. Pure; the service worker does it. */

/** As the server seals it; see `server/notifications/channels/webpush.ts`. */
export interface PushMessage {
  level: "critical" | "warning" | "resolved" | "test";
  title: string;
  text: string;
  /** The same for everything that is said of one alert alone; of several it is the message's own. */
  tag: string;
  /** Alerts it tells of: those that are, and those that are over. */
  told: string[];
  over: string[];
  /** Where the server knows its own address. */
  link?: string;
}

/** Kept with a notification for as long as it is shown. */
export interface ShownData {
  path: string;
  /** Alerts it tells of that were not over when it was shown. */
  open: string[];
}

export interface Showing {
  title: string;
  options: NotificationOptions & { renotify?: boolean; timestamp?: number; data: ShownData };
}

/** Whatever comes has to be shown, also what cannot be read. */
const UNREADABLE: PushMessage = {
  level: "warning",
  title: "Pulse",
  text: "Something has happened. Open Pulse to see what.",
  tag: "unreadable",
  told: [],
  over: [],
};

export function readMessage(text: string | undefined): PushMessage {
  try {
    const read = JSON.parse(text ?? "") as Partial<PushMessage>;
    if (typeof read.title !== "string" || typeof read.tag !== "string") return UNREADABLE;
    return { ...UNREADABLE, text: "", ...read };
  } catch {
    return UNREADABLE;
  }
}

const SIGNS = { icon: "/icon-192.png", badge: "/icon-192.png" } as const;

/** `scope`: where the pages are that this device was asked on. */
export function showingOf(message: PushMessage, scope: string): Showing {
  const isNews = message.level !== "resolved";
  return {
    title: message.title,
    options: {
      body: message.text,
      tag: message.tag,
      ...SIGNS,
      /* In the place of what was said before; what is over makes no noise. */
      renotify: isNews,
      silent: !isNews,
      requireInteraction: message.level === "critical",
      data: { path: pathOf(message, scope), open: message.told },
    },
  };
}

/** Those shown that have less to say after this message, and what they still tell of; nothing: they are spent. */
export function lessenedBy<Shown extends { tag: string; data?: Partial<ShownData> | null }>(
  shown: readonly Shown[],
  { tag, told, over }: PushMessage,
): { one: Shown; open: string[] }[] {
  const said = new Set([...told, ...over]);
  return shown.flatMap((one) => {
    const before = one.data?.open ?? [];
    const open = before.filter((id) => !said.has(id));
    return one.tag !== tag && open.length < before.length ? [{ one, open }] : [];
  });
}

/** The same once more, without a noise: a notification keeps nothing but what it was shown with. */
export function quietlyAgain(
  { title, body, tag, requireInteraction, data }: Notification,
  open: string[],
): Showing {
  const kept = { ...(data as ShownData), open };
  return {
    title,
    options: { body, tag, ...SIGNS, renotify: false, silent: true, requireInteraction, data: kept },
  };
}

/** Always on this server as it is reached from here, whatever it thinks its address is. */
function pathOf({ link, told, over, level }: PushMessage, scope: string): string {
  if (link !== undefined && URL.canParse(link)) return new URL(link).pathname;
  const home = new URL(scope).pathname;
  if (level === "test") return home;
  const [only, another] = [...told, ...over];
  return only !== undefined && another === undefined ? `${home}alerts/${only}` : `${home}alerts`;
}

/** The window that shows it already; or one that can be led there and has nothing on it that could be lost. */
export function windowFor<Window extends { path: string | undefined }>(
  windows: readonly Window[],
  path: string,
): Window | undefined {
  const home = /^(?:\/o\/[^/]+)?\//.exec(path)?.[0] ?? "/";
  const isFree = (where: string | undefined) => where === home || where === `${home}alerts`;
  return windows.find((one) => one.path === path) ?? windows.find((one) => isFree(one.path));
}

/** To a window. A browser knows only where it was opened: where it is now it says itself, to the port. */
export type ToWindow = "where" | { go: string };
