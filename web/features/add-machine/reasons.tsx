import { Show } from "solid-js";

/** What is in the way of a machine that does not appear, most of the time, and how to tell. */
export function Reasons(props: { server: string }) {
  return (
    <div class="settle mt-5 rounded-lg border border-line bg-surface px-4 py-3.5">
      <h3 class="font-medium">Not there yet? Most of the time it is one of these</h3>
      <ol class="mt-2 list-decimal space-y-2.5 pl-5 text-ink-2 marker:text-ink-3">
        <li>
          <b class="font-medium text-ink">The machine does not reach this server.</b> On the machine this must
          print “ok”: <Code>curl {props.server}/healthz</Code>. If it does not, a firewall is between them, or
          the name {hostOf(props.server)} means something else there.
        </li>
        <li>
          <Show
            when={props.server.startsWith("https:")}
            fallback={
              <>
                <b class="font-medium text-ink">The line ended with a sentence.</b> Look at what it printed:
                it needs root, curl or wget, and Linux. A server that runs from a checkout has no program to
                hand out, and says so.
              </>
            }
          >
            <b class="font-medium text-ink">The machine does not trust this server's certificate.</b> Then
            curl says so. Add <Code>--ca FILE</Code> with your authority's certificate to the end of the line.
          </Show>
        </li>
        <li>
          <b class="font-medium text-ink">The agent runs, and is refused.</b> Its log says why, and what to
          do: <Code>journalctl -u pulse-agent -n 20</Code>. A token for one machine that another machine
          already uses is the usual reason.
        </li>
      </ol>
    </div>
  );
}

function Code(props: { children: unknown }) {
  return (
    <code class="rounded-sm bg-hover px-1 py-px font-mono text-sm break-all text-ink">
      {props.children as string}
    </code>
  );
}

function hostOf(server: string): string {
  return URL.canParse(server) ? new URL(server).hostname : server;
}
