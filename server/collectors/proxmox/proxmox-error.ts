/** What went wrong, for whoever set the source up: one plain sentence, never a body, never a secret. */
export type ProxmoxErrorKind =
  /** The token is not accepted. */
  | "token"
  /** The token lacks a privilege. */
  | "privilege"
  /** The certificate is not the pinned one, or nobody vouches for it. */
  | "certificate"
  /** Something else answers at that address. */
  | "not_proxmox"
  /** Nothing answers, or not in time. */
  | "unreachable"
  /** Proxmox answers, but the node it asked on our behalf does not. */
  | "node_unreachable"
  /** The guest agent of a machine is not there, or does not answer. */
  | "no_guest_agent"
  /** Proxmox refused this request, or does not know it. */
  | "refused"
  /** The answer is not of the form it should have. */
  | "answer";

export class ProxmoxError extends Error {
  override readonly name = "ProxmoxError";

  constructor(
    readonly kind: ProxmoxErrorKind,
    message: string,
    /** Of the certificate that was shown, to be compared with the real one. */
    readonly fingerprint256?: string,
    /** What the token would need: `Sys.Audit on /`. */
    readonly privilege?: string,
  ) {
    super(message);
  }

  /** Nothing of this source can be read as long as this is so. */
  get isAboutTheWhole(): boolean {
    return ["token", "certificate", "not_proxmox", "unreachable"].includes(this.kind);
  }
}
