/** What only servers with several organizations offer. Fetched when the server says that it does. */
import type { Extension } from "../../state/extension.ts";
import { me } from "../../state/session.ts";
import { INVITATION_ROUTES } from "../invitation/routes.ts";
import { OPERATOR_ROUTES, OPERATOR_SETTINGS } from "../operator/routes.ts";
import { PLACE_SETTINGS } from "../organization/panels.ts";
import { PLACE_ROUTES, PLACES } from "../organization/places.ts";
import { mayAdminister, mayEdit } from "../organization/standing.ts";
import { TokenReach, TokenReachPicker } from "./token-reach.tsx";

export const FURTHER: Extension = {
  routes: [...OPERATOR_ROUTES, ...INVITATION_ROUTES, ...PLACE_ROUTES],
  settings: [...PLACE_SETTINGS, ...OPERATOR_SETTINGS],
  places: PLACES,
  // Without a licence there is only the default organization, and nobody is told their role in it.
  administers: () => (me()?.orgs ? mayAdminister() : me()?.operator === true),
  edits: () => (me()?.orgs ? mayEdit() : me()?.operator === true),
  auditWords: async () => (await import("./audit-words.ts")).FURTHER_WORDS,
  TokenReachPicker,
  TokenReach,
};
