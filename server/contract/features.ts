/**
 * `setup` is true while nobody has an account yet. `multi_tenant` is present only when the flag
 * is on; a key that is absent is a feature nobody here ever hears of.
 */
export type FeatureName = "setup" | "multi_tenant";

export interface FeatureList {
  features: { [name in FeatureName]?: boolean };
}
