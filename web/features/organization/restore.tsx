import { createSignal } from "solid-js";
import type { Org } from "../../../server/contract/orgs.ts";
import { explain } from "../../api/errors.ts";
import { Button } from "../../ui/button.tsx";
import { toast } from "../../ui/toast.tsx";
import { withFreshSession } from "../shell/confirm-identity.tsx";
import { callIn } from "./call-in.ts";
import { goTo, homeOf } from "./moving.ts";
import { look } from "./standing.ts";

/** For the owner of one that is deleted, wherever the tab stands. */
export function RestoreButton(props: { org: Org }) {
  const [busy, setBusy] = createSignal(false);
  const restore = async () => {
    const { slug, name } = props.org;
    setBusy(true);
    try {
      await withFreshSession(() => callIn(slug).orgs.restore.mutate());
      await look();
      goTo(homeOf(slug));
      toast(`${name} is back.`);
    } catch (error) {
      toast(explain(error).words);
    }
    setBusy(false);
  };
  return (
    <Button busy={busy()} aria-label={`Restore ${props.org.name}`} onClick={() => void restore()}>
      Restore
    </Button>
  );
}
