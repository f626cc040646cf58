/**
 * A bad way to a server: answers get lost, requests arrive twice, late or not at all, and at times nothing gets
 * through. What it does follows from a seed.
 */
export interface FaultProxy {
  url: string;
  /** Where it leads; a server that was started again has another address. */
  target: string;
  isCut: boolean;
  /** From now on nothing goes wrong. */
  isCalm: boolean;
  /** How often each fault was made. */
  readonly made: Record<Fault, number>;
  stop(): Promise<void>;
}

const FAULTS = ["lost request", "lost answer", "twice", "late and again"] as const;
type Fault = (typeof FAULTS)[number];

/** Of all requests, those that something happens to. */
const SHARE = 0.3;
const LATE_MS = 700;

export function startFaultProxy(target: string, random: () => number): FaultProxy {
  const made = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Record<Fault, number>;
  const stillUnderWay = new Set<Promise<unknown>>();
  const forward = async (request: Request, body: ArrayBuffer) => {
    const { pathname } = new URL(request.url);
    const headers = new Headers(request.headers);
    headers.delete("host");
    const answer = await fetch(`${proxy.target}${pathname}`, {
      method: request.method,
      headers,
      ...(request.method === "POST" && { body }),
    });
    return new Response(await answer.arrayBuffer(), { status: answer.status, headers: answer.headers });
  };
  const aside = (work: Promise<unknown>) => {
    const quiet = work.catch(() => {});
    stillUnderWay.add(quiet);
    void quiet.finally(() => stillUnderWay.delete(quiet));
  };
  const lost = () => new Response("", { status: 502 });

  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const body = await request.arrayBuffer();
      if (proxy.isCut) return lost();
      const fault =
        !proxy.isCalm && random() < SHARE ? FAULTS[Math.floor(random() * FAULTS.length)] : undefined;
      if (fault) made[fault]++;
      try {
        if (fault === "lost request") return lost();
        if (fault === "late and again") {
          aside(Bun.sleep(random() * LATE_MS).then(() => forward(request, body)));
          return lost();
        }
        const answer = await forward(request, body);
        if (fault === "twice") return await forward(request, body);
        return fault === "lost answer" ? lost() : answer;
      } catch {
        return lost();
      }
    },
  });
  const proxy: FaultProxy = {
    url: `http://127.0.0.1:${server.port}`,
    target,
    isCut: false,
    isCalm: false,
    made,
    async stop() {
      await server.stop(true);
      await Promise.all(stillUnderWay);
    },
  };
  return proxy;
}
