/** Why an input was refused: a code from the catalogue and facts a machine can read. Never a secret, never a medical word. */
export interface Rejection<Code extends string = string> {
  readonly code: Code;
  readonly detail?: Readonly<Record<string, string | number>>;
}

/** Refused or untrusted input is a value. Broken machinery throws; a broken invariant asserts. */
export type Result<T, Code extends string = string> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly rejection: Rejection<Code> };

export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

export const refuse = <Code extends string>(
  code: Code,
  detail?: Readonly<Record<string, string | number>>,
): { readonly ok: false; readonly rejection: Rejection<Code> } => ({
  ok: false,
  rejection: detail === undefined ? { code } : { code, detail },
});

/** What a code means: for people (`meaning`) and for HTTP (`status`). */
export interface CodeEntry {
  readonly status: number;
  readonly meaning: string;
}

/** Each folder lists its codes once, in its `codes.ts`; `src/api/catalogue.ts` joins the lists. */
export const defineCodes = <const T extends Record<string, CodeEntry>>(codes: T): T => codes;
