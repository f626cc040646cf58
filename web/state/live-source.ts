import { type FromStream, type ToStream, workerName } from "./live-protocol.ts";

/** Where a tab gets its events from: the worker all tabs share, or a stream of its own. */
export interface LiveSource {
  start: (fresh: boolean) => void;
  /** Ends the stream in every tab that shares it. */
  stop: () => void;
  retry: () => void;
  /** This tab does not listen any more; the others go on. */
  leave: () => void;
}

type Hear = (message: FromStream) => void;

export function openSource(slug: string | undefined, tell: Hear): LiveSource {
  let left = false;
  const hear: Hear = (message) => {
    if (!left) tell(message);
  };
  let source: LiveSource | undefined;
  let started: { fresh: boolean } | undefined;
  const useOwn = () => {
    source = ownSource(slug, hear);
    if (started) source.start(started.fresh);
  };
  try {
    source = sharedSource(slug, hear, useOwn);
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
    leave() {
      left = true;
      source?.leave();
    },
  };
}

function sharedSource(slug: string | undefined, hear: Hear, onFailed: () => void): LiveSource {
  const name = workerName(slug);
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
  const gone = new AbortController();
  addEventListener("pagehide", () => send({ type: "leave" }), gone);
  addEventListener(
    "pageshow",
    (event) => {
      if (!event.persisted) return;
      send({ type: "join" });
      if (running) send({ type: "start", fresh: false });
    },
    gone,
  );
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
    leave() {
      failed = true;
      gone.abort();
      send({ type: "leave" });
      worker.port.close();
    },
  };
}

/** A hidden tab lets go of its stream, so that many tabs do not use up the browser's connections. */
function ownSource(slug: string | undefined, hear: Hear): LiveSource {
  let wanted = false;
  let worker: Worker | undefined;

  const close = () => {
    worker?.terminate();
    worker = undefined;
  };
  const open = () => {
    const own = new Worker(new URL("./own-worker.ts", import.meta.url), {
      type: "module",
      name: workerName(slug),
    });
    own.onmessage = ({ data }: MessageEvent<FromStream>) => {
      if (worker === own) hear(data);
    };
    // What could not be fetched now can be later.
    own.onerror = () => {
      if (worker === own) close();
    };
    return own;
  };
  const follow = () => {
    if (!wanted || document.hidden) return close();
    worker ??= open();
  };
  const gone = new AbortController();
  document.addEventListener("visibilitychange", follow, gone);
  return {
    start(fresh) {
      wanted = true;
      if (fresh) close();
      follow();
    },
    stop() {
      wanted = false;
      close();
      hear({ type: "ended", reason: "signed_out" });
    },
    retry: () => (worker ? worker.postMessage("retry") : follow()),
    leave() {
      wanted = false;
      gone.abort();
      close();
    },
  };
}
