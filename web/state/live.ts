import { batch, createSignal } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import type { IncidentUpdated } from "../../server/contract/alerts.ts";
import type { AgentEnrolled, EndReason, LiveEvent } from "../../server/contract/live.ts";
import type { DeliveryFailed } from "../../server/contract/notifications.ts";
import { onSwitched, place } from "../api/org-context.ts";
import type { Connection, FromStream } from "./live-protocol.ts";
import { type LiveSource, openSource } from "./live-source.ts";
import { NOTHING_KNOWN, type Picture, reduce, touchedBy } from "./reduce.ts";

/** The current picture, and how fresh it is. Written by `receive` alone, through `reduce`. */
const [picture, setPicture] = createStore<Picture>({ known: false, resources: {}, alerts: {} });
const [connection, setConnection] = createSignal<Connection>({ state: "idle", since: Date.now() });

/** Who has begun to report, last; for those who wait for it. */
const [newestAgent, setNewestAgent] = createSignal<AgentEnrolled["agent"]>();

/** What a person did to an incident, last; for those who look at it. */
const [newestEntry, setNewestEntry] = createSignal<IncidentUpdated["incident"]>();

/** What did not arrive, last; for those who look at the channels. */
const [newestFailure, setNewestFailure] = createSignal<DeliveryFailed>();

export { connection, newestAgent, newestEntry, newestFailure, picture };

/** The server's clock minus this browser's. */
let clockOffsetMs = 0;

/** Now by the server's clock: what its times are compared with. */
export function serverNow(): number {
  return Date.now() + clockOffsetMs;
}

let current = NOTHING_KNOWN;
let source: LiveSource | undefined;
let whenEnded: (reason: EndReason) => void = () => {};

/** Alerts that come faster than anybody reads are shown together: in a storm the page has other things to do. */
const TOGETHER_MS = 200;
let together: LiveEvent[] = [];
let pause: ReturnType<typeof setTimeout> | undefined;

/** The first at once. In a tab nobody looks at every timer is late, so none is waited for there. */
function receive(event: LiveEvent): void {
  const isAlert = event.type.startsWith("alert.");
  if (isAlert && pause !== undefined && !document.hidden) {
    together.push(event);
    return;
  }
  showTogether();
  show(event);
  if (isAlert) pause ??= setTimeout(endPause, TOGETHER_MS);
}

function endPause(): void {
  pause = together.length > 0 ? setTimeout(endPause, TOGETHER_MS) : undefined;
  showTogether();
}

function showTogether(): void {
  if (together.length === 0) return;
  const events = together;
  together = [];
  batch(() => events.forEach(show));
}

function show(event: LiveEvent): void {
  current = reduce(current, event);
  clockOffsetMs = event.at - Date.now();
  if (event.type === "agent.enrolled") setNewestAgent(event.data.agent);
  if (event.type === "incident.updated") setNewestEntry(event.data.incident);
  if (event.type === "delivery.failed") setNewestFailure(event.data);
  const touched = touchedBy(event);
  if (!touched) {
    setPicture(reconcile(current));
    return;
  }
  batch(() => {
    for (const id of touched.resources) {
      const resource = current.resources[id];
      if (resource) setPicture("resources", id, reconcile(resource));
      else setPicture("resources", id, undefined as never);
    }
    for (const id of touched.alerts) {
      const alert = current.alerts[id];
      if (alert) setPicture("alerts", id, reconcile(alert));
      else setPicture("alerts", id, undefined as never);
    }
  });
}

/** Nothing that the stream brought stays. */
export function forgetLive(): void {
  together = [];
  current = NOTHING_KNOWN;
  setPicture(reconcile({ known: false, resources: {}, alerts: {} }));
}

function hear(message: FromStream): void {
  if (message.type === "connection") setConnection(message.connection);
  else if (message.type === "event") receive(message.event);
  else endHere(message.reason);
}

function endHere(reason: EndReason): void {
  // An ended session may have been replaced by a new one, which goes on with the same picture.
  if (reason !== "signed_out") forgetLive();
  setConnection({ state: "idle", since: Date.now() });
  whenEnded(reason);
}

/** Starts the stream, or restarts it when `fresh`: after a sign-in nothing of before may remain. */
export function startLive(fresh: boolean): void {
  if (fresh) forgetLive();
  source ??= openSource(place().slug, hear);
  source.start(fresh);
}

onSwitched(() => {
  source?.leave();
  source = undefined;
  forgetLive();
  setConnection({ state: "idle", since: Date.now() });
});

/** Ends the stream in every tab: the person is signed out. */
export function stopLive(): void {
  source?.stop();
}

export function retryLive(): void {
  source?.retry();
}

export function onLiveEnded(handler: (reason: EndReason) => void): void {
  whenEnded = handler;
}
