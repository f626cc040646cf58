/**
 * One stream for all tabs of a browser. Plain HTTP/1.1 allows a browser six connections to one
 * server; with a stream per tab the seventh tab would not even load. Workers of the same name are
 * shared, so whatever must have its own stream gets its own name.
 */
import { type Connection, type FromStream, slugOfWorker, type ToStream } from "./live-protocol.ts";
import { openStream, type Stream } from "./live-stream.ts";
import { NOTHING_KNOWN, reduce, snapshotOf } from "./reduce.ts";

interface SharedScope {
  name: string;
  onconnect: (event: MessageEvent) => void;
}

const scope = globalThis as unknown as SharedScope;
const ports = new Set<MessagePort>();
let stream: Stream | undefined;
let picture = NOTHING_KNOWN;
let connection: Connection = { state: "idle", since: Date.now() };
/** The server's clock minus ours. */
let clockOffsetMs = 0;

function tellAll(message: FromStream): void {
  if (message.type === "event") {
    picture = reduce(picture, message.event);
    clockOffsetMs = message.event.at - Date.now();
  } else if (message.type === "connection") {
    connection = message.connection;
  } else {
    stop();
  }
  for (const port of ports) port.postMessage(message);
}

function stop(): void {
  stream?.close();
  stream = undefined;
  picture = NOTHING_KNOWN;
  connection = { state: "idle", since: Date.now() };
}

function start(fresh: boolean): void {
  if (fresh) stop();
  stream ??= openStream(slugOfWorker(scope.name), tellAll);
}

function welcome(port: MessagePort): void {
  ports.add(port);
  const tell = (message: FromStream) => port.postMessage(message);
  tell({ type: "connection", connection });
  if (picture.known) tell({ type: "event", event: snapshotOf(picture, Date.now() + clockOffsetMs) });
}

function leave(port: MessagePort): void {
  ports.delete(port);
  if (ports.size === 0) stop();
}

scope.onconnect = (event) => {
  const port = event.ports[0];
  if (!port) return;
  port.onmessage = ({ data }: MessageEvent<ToStream>) => {
    if (data.type === "join") welcome(port);
    else if (data.type === "leave") leave(port);
    else if (data.type === "start") start(data.fresh);
    else if (data.type === "stop") tellAll({ type: "ended", reason: "signed_out" });
    else stream?.retry();
  };
};
