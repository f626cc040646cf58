/** How a window is led to what a notification is about. */
import { place } from "../api/org-context.ts";
import type { ToWindow } from "./message.ts";

/** Until the page around it is gone. `navigate` takes a path below the place the tab stands in. */
export function followNotifications(navigate: (path: string) => void): () => void {
  const gone = new AbortController();
  const hear = ({ data, ports: [port] }: MessageEvent<ToWindow>) => {
    if (data === "where") port?.postMessage(location.pathname);
    else navigate(data.go.slice(place().base.length));
  };
  /* Not there where a page came without https. */
  (navigator.serviceWorker as ServiceWorkerContainer | undefined)?.addEventListener("message", hear, gone);
  return () => gone.abort();
}
