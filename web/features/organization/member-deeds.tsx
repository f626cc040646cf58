import type { Member } from "../../../server/contract/members.ts";
import { api } from "../../api/client.ts";
import { Confirm } from "../../ui/confirm.tsx";
import { toast } from "../../ui/toast.tsx";
import { withFreshSession } from "../shell/confirm-identity.tsx";
import { here, look } from "./standing.ts";

interface DeedProps {
  member: Member;
  onDone: () => void;
  onClose: () => void;
}

export function RemoveMember(props: DeedProps) {
  const name = () => props.member.name || props.member.email;
  const remove = async () => {
    await api.members.remove.mutate({ userId: props.member.userId });
    toast(`${name()} does not belong to it any more.`);
    props.onDone();
  };
  return (
    <Confirm title={`Remove ${name()}?`} verb="Remove" act={remove} onClose={props.onClose}>
      <p>
        Pages {name()} has open here close within a second, and tokens made by {name()} stop working here. The
        account itself stays.
      </p>
    </Confirm>
  );
}

export function TransferOwnership(props: DeedProps) {
  const name = () => props.member.name || props.member.email;
  const transfer = async () => {
    await withFreshSession(() => api.orgs.transferOwnership.mutate({ userId: props.member.userId }));
    await look();
    toast(`${name()} is the owner now, and you are an admin.`);
    props.onDone();
  };
  return (
    <Confirm
      title={`Make ${name()} the owner?`}
      verb="Hand it over"
      typed={here()?.name ?? ""}
      act={transfer}
      onClose={props.onClose}
    >
      <p>
        There is one owner, who alone can delete the organization or hand it on. You become an admin, and only{" "}
        {name()} can make you the owner again.
      </p>
    </Confirm>
  );
}
