/** The one gate for what this instance offers at all. */
import type { FeatureList } from "../contract/features.ts";

export class Features {
  readonly #multiTenant: boolean;

  constructor(options: { multiTenant: boolean }) {
    this.#multiTenant = options.multiTenant;
  }

  /** The flag, which is also the kill switch. */
  get multiTenant(): boolean {
    return this.#multiTenant;
  }

  /** Whether a licence covers `multi_tenant`. None can be installed yet. */
  get multiTenantLicensed(): boolean {
    return false;
  }

  list(setupNeeded: boolean): FeatureList {
    return {
      features: { setup: setupNeeded, ...(this.#multiTenant && { multi_tenant: this.multiTenantLicensed }) },
    };
  }
}
