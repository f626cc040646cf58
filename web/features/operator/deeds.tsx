import type { OrgOverview } from "../../../server/contract/orgs.ts";
import { api } from "../../api/client.ts";
import { Confirm } from "../../ui/confirm.tsx";
import { toast } from "../../ui/toast.tsx";
import { withFreshSession } from "../shell/confirm-identity.tsx";

interface DeedProps {
  org: OrgOverview;
  onDone: () => void;
  onClose: () => void;
}

export function Suspension(props: DeedProps) {
  const suspend = async () => {
    await api.orgs.suspend.mutate({ org: props.org.id });
    toast(`${props.org.name} is suspended.`);
    props.onDone();
  };
  return (
    <Confirm
      title={`Suspend ${props.org.name}?`}
      verb="Suspend"
      typed={props.org.slug}
      act={suspend}
      onClose={props.onClose}
    >
      <p>
        Its members cannot see it any more and are told to ask whoever operates this server. Reports of its
        machines are refused, and no alerts go out. Nothing is deleted; it can be resumed at any time.
      </p>
    </Confirm>
  );
}

export function Purge(props: DeedProps) {
  const purge = async () => {
    await withFreshSession(() => api.orgs.purge.mutate({ org: props.org.id }));
    toast(`${props.org.name} is gone.`);
    props.onDone();
  };
  return (
    <Confirm
      title={`Purge ${props.org.name}?`}
      verb="Purge for good"
      typed={props.org.slug}
      act={purge}
      onClose={props.onClose}
    >
      <p>
        Everything it has ever recorded is deleted from the disk: machines, history, alerts, settings. It
        cannot be brought back, except from a backup.
      </p>
    </Confirm>
  );
}
