/** Pings once and prints the result: for a test that runs this in a network of its own. */

import { checkPing } from "../../server/collectors/checks/ping.ts";
import { PingCheck } from "../../server/contract/sources/checks.ts";
import { Egress } from "../../server/lib/egress.ts";

const [host = "", count = "1", timeoutMs = "3000"] = process.argv.slice(2);
const egress = new Egress({ allow: ["127.0.0.0/8", "::1"], reach: "lan" });
const config = PingCheck.parse({ host, count: Number(count), timeoutMs: Number(timeoutMs) });
console.log(JSON.stringify(await checkPing(config, { egress, now: Date.now })));
