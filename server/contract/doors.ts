import type { OrgId, ResourceId } from "./ids.ts";
import type { SharedFrom } from "./shares.ts";

/**
 * What the edge tells the actor of a source org about one share that stands: which resource may be
 * seen through it, and as what it is marked. The actor shows that resource, its parts, and nothing else.
 */
export interface DoorGrant {
  resourceId: ResourceId;
  sharedFrom: SharedFrom;
}

/** The same for open pages of the target, to whom changes are sent. */
export interface DoorWatch extends DoorGrant {
  targetOrgId: OrgId;
}
