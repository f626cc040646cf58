/**
 * Limits of one report; version 1 of the agent protocol. Apart from the schemas, because an agent keeps
 * to them and has no use for what it costs to load those.
 */
export const REPORT_LIMITS = {
  resources: 2_000,
  metricsPerResource: 64,
  attributesPerResource: 64,
  attributeBytes: 16_384,
  keyLength: 200,
  nameLength: 200,
  /** Of one delivery, as it is sent and when it is unpacked. */
  sentBytes: 1024 * 1024,
  unpackedBytes: 8 * 1024 * 1024,
  reportsPerDelivery: 100,
} as const;
