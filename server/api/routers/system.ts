/** The instance itself: features for anybody, the rest for people who operate it. */
import { type AuditList, AuditListInput } from "../../contract/audit.ts";
import type { FeatureList } from "../../contract/features.ts";
import { InstallLicenseInput, type LicenseInfo, withoutFeatures } from "../../contract/license.ts";
import {
  CreatePersonInput,
  NamedPersonInput,
  type NewPassword,
  type PersonInfo,
} from "../../contract/people.ts";
import type { SystemStatus } from "../../contract/system.ts";
import type { Context } from "../edge.ts";
import {
  freshOperatorProcedure,
  multiTenantProcedure,
  operatorProcedure,
  publicProcedure,
  router,
  withPerson,
} from "../procedures.ts";

export const featuresRouter = router({
  list: publicProcedure.query(({ ctx }): FeatureList => {
    const { edge, claims, resHeaders } = ctx;
    /* What a browser chose while there was something to choose would only be in its way. */
    if (!edge.features.multiTenant && claims.rawOrgCookie !== undefined)
      resHeaders.append("set-cookie", edge.orgCookie.blank(claims.secure));
    return edge.features.list(edge.directory.setupNeeded);
  }),
});

export const systemRouter = router({
  status: operatorProcedure.query(async ({ ctx }): Promise<SystemStatus> => {
    const { sqlite } = await ctx.edge.shards.instance.system.facts();
    return { ...ctx.edge.build, sqlite, startedAt: ctx.edge.startedAt };
  }),

  audit: operatorProcedure.input(AuditListInput.optional()).query(({ ctx, input }): Promise<AuditList> => {
    return ctx.edge.shards.instance.audit.list({
      ...input,
      orgId: null,
      multiTenant: ctx.edge.features.multiTenant,
    });
  }),

  people: operatorProcedure.query(({ ctx }): Promise<{ people: PersonInfo[] }> => {
    return ctx.edge.shards.instance.people.list();
  }),

  createPerson: freshOperatorProcedure
    .input(CreatePersonInput)
    .mutation(({ ctx, input }): Promise<NewPassword> => {
      return ctx.edge.shards.instance.people.create({ ...input, by: ctx.by });
    }),

  resetPassword: freshOperatorProcedure
    .input(NamedPersonInput)
    .mutation(({ ctx, input }): Promise<NewPassword> => {
      return ctx.edge.shards.instance.people.resetPassword({ ...input, by: ctx.by });
    }),

  disablePerson: freshOperatorProcedure
    .input(NamedPersonInput)
    .mutation(({ ctx, input }): Promise<{ person: PersonInfo }> => {
      return ctx.edge.shards.instance.people.disable({ ...input, by: ctx.by });
    }),

  license: operatorProcedure.query(async ({ ctx }): Promise<LicenseInfo> => {
    return shown(ctx, await ctx.edge.shards.instance.license.show());
  }),

  licenseInit: freshOperatorProcedure.mutation(async ({ ctx }): Promise<LicenseInfo> => {
    return shown(ctx, await ctx.edge.shards.instance.license.init({ by: ctx.by }));
  }),

  licenseInstall: freshOperatorProcedure
    .input(InstallLicenseInput)
    .mutation(async ({ ctx, input }): Promise<LicenseInfo> => {
      const { by, edge } = ctx;
      return shown(ctx, await edge.shards.instance.license.install({ by, license: input.license }));
    }),

  licenseRemove: freshOperatorProcedure.mutation(async ({ ctx }): Promise<LicenseInfo> => {
    return shown(ctx, await ctx.edge.shards.instance.license.remove({ by: ctx.by }));
  }),

  /** The kill switch. Back on it goes by command: the page it stood on is gone. */
  switchOffMultiTenant: multiTenantProcedure({ who: "operator", session: "fresh" })
    .use(withPerson())
    .mutation(async ({ ctx }): Promise<{ enabled: false }> => {
      await ctx.edge.shards.instance.multiTenant.switch({ by: ctx.by, on: false });
      return { enabled: false };
    }),
});

/** What a licence is about is nobody's word while that is switched off. */
function shown({ edge }: Context, info: LicenseInfo): LicenseInfo {
  return edge.features.multiTenant ? info : withoutFeatures(info);
}
