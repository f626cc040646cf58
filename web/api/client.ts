import { createTRPCClient, httpBatchLink } from "@trpc/client";
import type { AppRouter } from "../../server/api/router.ts";
import { CALLS_PER_REQUEST } from "../../server/contract/batch.ts";
import { API_URL } from "./url.ts";

/** Questions asked in the same moment travel together; a batch stays short enough for a URL. */
export const api = createTRPCClient<AppRouter>({
  links: [httpBatchLink({ url: API_URL, maxItems: CALLS_PER_REQUEST, maxURLLength: 6_000 })],
});
