/** Why an exporter cannot be read, in one plain sentence for whoever set it up: nothing of what it answered. */
export class ExporterError extends Error {}
