/** Where messages go, and how it went: input, call, answer, and a line in the audit for what was changed. */
import { limitOf } from "../../contract/limits.ts";
import {
  type Channel,
  type ChannelList,
  type ChannelTest,
  CreateChannelInput,
  DeliveriesInput,
  type DeliveryList,
  NamedChannelInput,
  TestChannelInput,
  UpdateChannelInput,
} from "../../contract/notifications.ts";
import {
  type ChannelTrouble,
  DiagnoseInput,
  type Diagnosis,
  type RouteList,
  SetRoutesInput,
} from "../../contract/routes.ts";
import { memberProcedure, router, viewerProcedure } from "../procedures.ts";

const adminProcedure = memberProcedure("admin");

export const notificationsRouter = router({
  channels: adminProcedure.query(async ({ ctx }): Promise<ChannelList> => {
    const { channels } = await ctx.org.notifications.list();
    return { channels, limit: limitOf(ctx.edge.directory.findOrg(ctx.orgId)?.limits, "channels") };
  }),

  createChannel: adminProcedure
    .input(CreateChannelInput)
    .mutation(async ({ ctx, input }): Promise<{ channel: Channel }> => {
      const { edge, orgId, org, by } = ctx;
      const { instance } = edge.shards;
      /* Before there is anything to send: after a crash nothing that waits is forgotten. */
      await instance.orgs.markPolled({ orgId });
      const limit = limitOf(edge.directory.findOrg(orgId)?.limits, "channels");
      const { channel } = await org.notifications.create({ input, limit });
      const details = { name: channel.name, type: channel.type };
      await instance.audit.note({ by, orgId, action: "channel.created", subject: channel.id, details });
      return { channel };
    }),

  updateChannel: adminProcedure
    .input(UpdateChannelInput)
    .mutation(async ({ ctx, input }): Promise<{ channel: Channel }> => {
      const { edge, orgId, org, by } = ctx;
      const { channel } = await org.notifications.update({ input });
      const { id: _, config, ...changed } = input;
      const details = {
        name: channel.name,
        changed: [...Object.keys(changed), ...Object.keys(config ?? {}).map((name) => `config.${name}`)],
      };
      await edge.shards.instance.audit.note({
        by,
        orgId,
        action: "channel.changed",
        subject: channel.id,
        details,
      });
      return { channel };
    }),

  removeChannel: adminProcedure
    .input(NamedChannelInput)
    .mutation(async ({ ctx, input }): Promise<{ removed: true }> => {
      const { edge, orgId, org, by } = ctx;
      const details = await org.notifications.remove(input);
      await edge.shards.instance.audit.note({
        by,
        orgId,
        action: "channel.removed",
        subject: input.id,
        details,
      });
      return { removed: true };
    }),

  /** Sends a message now, and keeps nothing of it. */
  test: adminProcedure
    .input(TestChannelInput)
    .mutation(({ ctx, input }): Promise<ChannelTest> => ctx.org.notifications.test({ input })),

  /** What a browser is told before it agrees to messages; made when the first one asks. */
  pushKey: adminProcedure.mutation(
    ({ ctx }): Promise<{ publicKey: string }> => ctx.org.notifications.pushKey(),
  ),

  deliveries: adminProcedure
    .input(DeliveriesInput)
    .query(({ ctx, input }): Promise<DeliveryList> => ctx.org.notifications.deliveries({ input })),

  routes: adminProcedure.query(({ ctx }): Promise<RouteList> => ctx.org.notifications.routes()),

  setRoutes: adminProcedure.input(SetRoutesInput).mutation(async ({ ctx, input }): Promise<RouteList> => {
    const { edge, orgId, org, by } = ctx;
    const list = await org.notifications.setRoutes(input);
    const { routes, observeUntil } = list.settings;
    const details = {
      revision: list.revision,
      routes: routes.map(({ name }) => name),
      ...(observeUntil !== undefined && { observeUntil }),
    };
    await edge.shards.instance.audit.note({ by, orgId, action: "routes.changed", details });
    return list;
  }),

  /** Why somebody was told of an alert, or was not. */
  diagnose: viewerProcedure
    .input(DiagnoseInput)
    .query(({ ctx, input }): Promise<Diagnosis> => ctx.org.notifications.diagnose({ input })),

  /** Channels whose messages do not arrive now: whoever relies on them may know. */
  trouble: viewerProcedure.query(({ ctx }): Promise<ChannelTrouble[]> => ctx.org.notifications.trouble()),
});
