/**
 * Decides on alerts, sends them, and says each on standard output once it is decided on; killed by tests in
 * the middle of it. `drain`: decides on nothing, and ends when nothing waits. Time passes a hundred times as fast.
 */
import { transitionOf } from "../notifications/org.ts";
import { addHooks, openSendingOrg } from "./sending-org.ts";

const [path = "", url = "", run = "", began = "0"] = process.argv.slice(2);
const sending = openSendingOrg(path, Number(began), 100);
const { org } = sending;
addHooks(sending, { sink: url });

let decided = 0;
setInterval(() => {
  if (run !== "drain") {
    const id = `${run}-${decided++}`;
    org.deliveries.enqueue([transitionOf(id)]);
    console.log(`fired ${id}`);
    const over = `${run}-${decided - 10}`;
    if (decided > 10 && decided % 2 === 0) org.deliveries.enqueue([transitionOf(over, "resolved")]);
  }
  org.deliveries.look();
  if (run === "drain" && org.deliveries.waiting().size === 0) process.exit(0);
}, 10);
