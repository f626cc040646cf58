import type { FromStream, ToStream } from "./live-protocol.ts";

/** Where a tab gets its events from: the worker all tabs share, or a stream of its own. */
export interface LiveSource {
  start: (fresh: boolean) => void;
  stop: () => void;
  retry: () => void;
}

export function openSource(name: string, hear: (message: FromStream) => void): LiveSource {
  let source: LiveSource | undefined;
  let started: { fresh: boolean } | undefined;
  const useOwn = () => {
    source = ownSource(hear);
    if (started) source.start(started.fresh);
  };
  try {
    source = sharedSource(name, hear, useOwn);
  } catch {
    // No shared workers here (Chrome on Android, blocked storage): each tab has its own stream.
    useOwn();
  }
  return {
    start(fresh) {
      started = { fresh };
      source?.start(fresh);
    },
    stop() {
      started = undefined;
      source?.stop();
    },
    retry: () => source?.retry(),
  };
}

function sharedSource(name: string, hear: (message: FromStream) => void, onFailed: () => void): LiveSource {
  const worker = new SharedWorker(new URL("./live-worker.ts", import.meta.url), { type: "module", name });
  const send = (message: ToStream) => worker.port.postMessage(message);
  let failed = false;
  worker.onerror = () => {
    if (failed) return;
    failed = true;
    onFailed();
  };
  worker.port.onmessage = ({ data }: MessageEvent<FromStream>) => hear(data);
  send({ type: "join" });
  let running = false;
  // A page kept for the back button is not a reader; it joins again when it is shown.
  addEventListener("pagehide", () => send({ type: "leave" }));
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    send({ type: "join" });
    if (running) send({ type: "start", fresh: false });
  });
  return {
    start(fresh) {
      running = true;
      send({ type: "start", fresh });
    },
    stop() {
      running = false;
      send({ type: "stop" });
    },
    retry: () => send({ type: "retry" }),
  };
}

/** A hidden tab lets go of its stream, so that many tabs do not use up the browser's connections. */
function ownSource(hear: (message: FromStream) => void): LiveSource {
  let wanted = false;
  let stream: { close: () => void; retry: () => void } | undefined;

  const close = () => {
    stream?.close();
    stream = undefined;
  };
  const follow = async () => {
    if (!wanted || document.hidden) return close();
    if (stream) return;
    const { openStream } = await import("./live-stream.ts");
    if (wanted && !document.hidden && !stream) stream = openStream(hear);
  };
  document.addEventListener("visibilitychange", () => void follow());
  return {
    start(fresh) {
      wanted = true;
      if (fresh) close();
      void follow();
    },
    stop() {
      wanted = false;
      close();
      hear({ type: "ended", reason: "signed_out" });
    },
    retry: () => stream?.retry(),
  };
}
