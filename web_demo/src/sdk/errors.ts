import type { ErrorKind, Finding } from "./types.js";

/** Whatever the SDK raises on purpose: its message is for the person, and says what to do. */
export class ObclipError extends Error {
  readonly kind: ErrorKind;
  /** With "ImpliedError": what was found. */
  readonly findings: readonly Finding[];

  constructor(kind: ErrorKind, message: string, findings: readonly Finding[] = []) {
    super(message);
    this.name = kind;
    this.kind = kind;
    this.findings = findings;
  }
}
