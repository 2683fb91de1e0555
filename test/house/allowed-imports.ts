/**
 * Who may import whom: DESIGN.md, "The house", as a table. `imports.test.ts` holds `src/`, `bin/` and `web/` to it, and the
 * "May import" of each folder's README repeats its row. Imports run downwards only; a folder may always import itself.
 */
export interface FolderRule {
  /** Folders of `src/`, or single files of them, that it may import. */
  readonly folders: readonly string[];
  /** npm packages it may import, by name; `any` where the folder meets the outside world. */
  readonly packages: readonly string[] | 'any';
  /** Whether it may import Node's own modules. What a browser runs must not. */
  readonly nodeBuiltins: boolean;
}

/** Synchronous, deterministic, without I/O: what the pure core may lean on. */
const PURE_PACKAGES = [
  '@ipld/dag-cbor',
  '@noble/ciphers',
  '@noble/curves',
  '@noble/hashes',
  '@noble/secp256k1',
  'multiformats',
] as const;

/** No clock, no randomness, no I/O, no promise: the fence (`fence.ts`) reads every file of these. */
export const PURE_FOLDERS = ['base', 'crypto', 'vm', 'ledger', 'consensus', 'protocol'] as const;

const pure = (...folders: string[]): FolderRule => ({ folders, packages: PURE_PACKAGES, nodeBuiltins: false });
const browser = (...folders: string[]): FolderRule => ({ folders, packages: 'any', nodeBuiltins: false });
const host = (...folders: string[]): FolderRule => ({ folders, packages: 'any', nodeBuiltins: true });

const PARTS = [...PURE_FOLDERS, 'storage', 'network', 'fhir', 'client'];

export const ALLOWED_IMPORTS: Readonly<Record<string, FolderRule>> = {
  // The pure core: base ← crypto ← vm ← ledger. To consensus a block is a hash, bytes and a verdict.
  base: pure(),
  crypto: pure('base'),
  vm: pure('base', 'crypto'),
  consensus: pure('base', 'crypto'),
  ledger: pure('base', 'crypto', 'vm', 'consensus/evidence.ts'),
  protocol: pure('base', 'crypto', 'vm', 'ledger', 'consensus'),

  // The outside world, a folder for each side of it; they do not know each other.
  storage: host(...PURE_FOLDERS),
  network: host(...PURE_FOLDERS),

  // What also runs in a browser.
  fhir: browser(...PURE_FOLDERS),
  client: browser(...PURE_FOLDERS, 'fhir'),
  web: browser(...PURE_FOLDERS, 'fhir', 'client', 'simulator'),

  // The API speaks for a node through an interface of its own, and never imports one.
  api: host(...PARTS),

  // These put things together.
  node: host(...PARTS, 'api'),
  simulator: host(...PARTS, 'api', 'node'),
  consortium: host(...PARTS, 'api', 'node', 'simulator'),
  bench: host(...PARTS, 'api', 'node', 'simulator', 'consortium'),
  bin: host(...PARTS, 'api', 'node', 'simulator', 'consortium', 'bench'),
};
