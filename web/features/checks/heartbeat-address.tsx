import { Copyable } from "../../ui/copyable.tsx";

/** Where a heartbeat is sent to, and how. */
export function HeartbeatAddress(props: { url: string }) {
  return (
    <section class="max-w-xl space-y-4" aria-labelledby="address">
      <div>
        <h2 id="address" class="font-semibold">
          Where it is sent to
        </h2>
        <p class="mt-0.5 text-ink-2">
          Whoever knows this address can say that all is well: keep it like a password. It does not change.
        </p>
      </div>
      <Copyable label="Address" text={props.url} />
      <Copyable label="By hand" text={`curl -fsS ${props.url}`} help="Tells you “ok”." />
      <Copyable
        label="In cron"
        block
        text={`0 3 * * * /usr/local/bin/backup && curl -fsS -m 10 --retry 3 -o /dev/null ${props.url}`}
        help="At three every night, and only when the backup went well."
      />
    </section>
  );
}
