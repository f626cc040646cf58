/**
 * Pings once and prints the result: for a test that runs this in a network of its own. With `late` the answer is
 * looked at long after it came, and printed is when it seems to have come.
 */
import { EchoSocket } from "../../server/collectors/checks/echo-socket.ts";
import { checkPing } from "../../server/collectors/checks/ping.ts";
import { PingCheck } from "../../server/contract/sources/checks.ts";
import { Egress } from "../../server/lib/egress.ts";

const [host = "", count = "1", timeoutMs = "3000"] = process.argv.slice(2);
console.log(JSON.stringify(count === "late" ? pingLate() : await ping()));

function ping() {
  const egress = new Egress({ allow: ["127.0.0.0/8", "::1"], reach: "lan" });
  const config = PingCheck.parse({ host, count: Number(count), timeoutMs: Number(timeoutMs) });
  return checkPing(config, { egress, now: Date.now });
}

function pingLate() {
  const socket = EchoSocket.find(host);
  Bun.sleepSync(100); // until the kernel notes arrivals
  socket?.send(1);
  Bun.sleepSync(200);
  const replies = socket?.receive();
  socket?.close();
  return replies;
}
