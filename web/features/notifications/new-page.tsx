import { NewPage } from "../forms/settings-pages.tsx";
import { ChannelForm } from "./channel-form.tsx";
import { KINDS, OFFERED } from "./kinds/kinds.ts";

export function NewChannelPage() {
  return (
    <NewPage
      title="Add a channel"
      question="Where do you want to be told?"
      list={{ href: "/settings/notifications", label: "Notifications" }}
      kinds={KINDS}
      types={OFFERED}
      typesLabel="Types of channels"
      adminsOnly="Channels are set up by admins. Ask one of them to add it."
      form={(type, saved) => (
        <ChannelForm type={type} onSaved={({ name }) => saved(`${name} is told from now on.`)} />
      )}
    />
  );
}
