/**
 * Shows what was sent to this device, and opens what it is about. It keeps nothing and answers no request: pages come
 * from the server, always. A newer one takes over at once.
 */
import {
  lessenedBy,
  quietlyAgain,
  readMessage,
  type Showing,
  type ShownData,
  showingOf,
  type ToWindow,
  windowFor,
} from "./message.ts";

const ANSWER_WITHIN_MS = 500;

interface WindowClient {
  focus(): Promise<WindowClient>;
  postMessage(message: ToWindow, ports?: MessagePort[]): void;
}

interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface WorkerEvents {
  install: ExtendableEvent;
  activate: ExtendableEvent;
  push: ExtendableEvent & { data: { text(): string } | null };
  notificationclick: ExtendableEvent & { notification: Notification };
}

interface WorkerScope {
  registration: ServiceWorkerRegistration;
  location: Location;
  clients: {
    claim(): Promise<void>;
    matchAll(which: { type: "window"; includeUncontrolled: boolean }): Promise<WindowClient[]>;
    openWindow(path: string): Promise<WindowClient | null>;
  };
  skipWaiting(): Promise<void>;
  addEventListener<Name extends keyof WorkerEvents>(
    name: Name,
    listener: (event: WorkerEvents[Name]) => void,
  ): void;
}

const worker = globalThis as unknown as WorkerScope;

worker.addEventListener("install", (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
/** What waited for the device comes all at once, and each message looks at what the one before has left. */
let shown = Promise.resolve();
worker.addEventListener("push", (event) => {
  shown = shown.catch(() => {}).then(() => receive(event.data?.text()));
  event.waitUntil(shown);
});
worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(lead((event.notification.data as ShownData).path));
});

async function receive(text: string | undefined): Promise<void> {
  const message = readMessage(text);
  const before = await worker.registration.getNotifications();
  await show(showingOf(message, worker.registration.scope));
  for (const { one, open } of lessenedBy(before, message)) {
    if (open.length > 0) await show(quietlyAgain(one, open));
    else one.close();
  }
}

function show({ title, options }: Showing): Promise<void> {
  return worker.registration.showNotification(title, options);
}

async function lead(path: string): Promise<void> {
  const windows = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const asked = windows.map(async (client) => ({ client, path: await whereIs(client) }));
  const found = windowFor(await Promise.all(asked), path);
  if (!found) {
    await worker.clients.openWindow(path);
    return;
  }
  if (found.path !== path) found.client.postMessage({ go: path });
  await found.client.focus();
}

/** Undefined: it is asleep, or shows no page of ours. */
function whereIs(client: WindowClient): Promise<string | undefined> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = ({ data }: MessageEvent<string>) => resolve(data);
    setTimeout(resolve, ANSWER_WITHIN_MS, undefined);
    client.postMessage("where", [port2]);
  });
}
