/** The one gate for what this instance offers at all. */
import type { FeatureList } from "../contract/features.ts";
import { licenseStatus } from "../contract/license.ts";
import type { Clock } from "../lib/clock.ts";
import type { Directory } from "./directory.ts";

export interface FeaturesOptions {
  /** `PULSE_MULTI_TENANT_ENABLED`. */
  multiTenantAllowed: boolean;
  directory: Directory;
  clock: Clock;
}

export class Features {
  readonly #options: FeaturesOptions;

  constructor(options: FeaturesOptions) {
    this.#options = options;
  }

  /** The environment's flag and the kill switch: either turns it off. */
  get multiTenant(): boolean {
    return this.#options.multiTenantAllowed && this.#options.directory.switchedOn;
  }

  /** Whether a licence covers `multi_tenant` now; one that has run out still does for its grace. */
  get multiTenantLicensed(): boolean {
    const { directory, clock } = this.#options;
    if (!directory.license?.features.includes("multi_tenant")) return false;
    const status = licenseStatus(directory.license, clock());
    return status === "valid" || status === "grace";
  }

  list(setupNeeded: boolean): FeatureList {
    return {
      features: { setup: setupNeeded, ...(this.multiTenant && { multi_tenant: this.multiTenantLicensed }) },
    };
  }
}
