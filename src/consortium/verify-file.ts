import { open, readFile, stat } from 'node:fs/promises';
import { equal, toHex } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';
import type { Rejection } from '../base/result.ts';
import { PROOF_LIMITS } from '../protocol/offline/limits.ts';
import { type ChainVerifier, createChainVerifier } from '../protocol/offline/verify-chain.ts';
import { verifyProofFile } from '../protocol/offline/verify-proof.ts';
import { readChainCar } from '../storage/import-car.ts';

/** What a check of a file came to. */
export type VerifyReport =
  | {
      readonly verdict: 'holds';
      readonly kind: 'chain' | 'proof';
      readonly summary: string;
      /** What a proof file states, as sentences. */
      readonly statements: readonly string[];
      readonly heights?: number;
      readonly tipHash?: string;
      readonly stateRoot?: string;
    }
  | {
      readonly verdict: 'violated' | 'unknown';
      readonly kind: 'chain' | 'proof';
      readonly height: number | null;
      readonly field: string;
      readonly code: string;
    };

export interface FileToVerify {
  readonly path: string;
  readonly genesisText: string;
  readonly progress?: (line: string) => void;
}

/** Says how far it is every so many heights. */
const PROGRESS_HEIGHTS = 1_000;

export type Found = Omit<Extract<VerifyReport, { readonly verdict: 'violated' | 'unknown' }>, 'kind'>;

/** Which of the two a file is shows in its content: an exported chain is a CAR, anything else is read as a proof. */
export async function verifyFile(primitives: Primitives, file: FileToVerify): Promise<VerifyReport> {
  return (await beginsWithMap(file.path)) ? verifyProof(primitives, file) : verifyChainFile(primitives, file);
}

/** RFC 8949, section 3: a proof file is one CBOR map, major type 5. A CAR begins with the length of its header, another byte. */
async function beginsWithMap(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const first = Buffer.alloc(1);
    return (await file.read(first, 0, 1, 0)).bytesRead === 1 && (first.readUInt8() & 0xe0) === 0xa0;
  } finally {
    await file.close();
  }
}

async function verifyProof(primitives: Primitives, { path, genesisText }: FileToVerify): Promise<VerifyReport> {
  const { size } = await stat(path);
  if (size > PROOF_LIMITS.fileBytesMax)
    return { kind: 'proof', verdict: 'violated', height: null, field: 'file', code: 'encoding.too-large' };
  const answer = verifyProofFile(primitives, genesisText, new Uint8Array(await readFile(path)));
  if (answer.verdict !== 'holds') {
    const { verdict, height, field, code } = answer;
    return { kind: 'proof', verdict, height, field, code };
  }
  const statements = answer.statements.map(({ text }) => text);
  return { kind: 'proof', verdict: 'holds', summary: `${statements.length} statements`, statements };
}

/** Re-executes an exported chain; what stands behind the answer is the verifier at the last height, or what was found. */
export async function replayChainFile(primitives: Primitives, file: FileToVerify): Promise<ChainVerifier | Found> {
  const verifier = createChainVerifier(primitives, file.genesisText);
  if (!verifier.ok) return { verdict: 'violated', height: 0, field: 'genesis', code: verifier.rejection.code };
  const car = await readChainCar(file.path);
  if (!car.ok) return carFinding(1, car.rejection);
  try {
    if (!equal(car.value.manifest.chainId, verifier.value.chainId))
      return { verdict: 'violated', height: 0, field: 'manifest.chainId', code: 'offline.foreign-genesis' };
    for await (const entry of car.value.entries()) {
      if (!entry.ok) return carFinding(verifier.value.finish().heights + 1, entry.rejection);
      const answer = verifier.value.next(entry.value);
      if (answer.verdict !== 'holds') return answer;
      if (entry.value.height % PROGRESS_HEIGHTS === 0)
        file.progress?.(`verified up to height ${entry.value.height} of ${car.value.manifest.to}`);
    }
  } finally {
    await car.value.close();
  }
  return verifier.value;
}

async function verifyChainFile(primitives: Primitives, file: FileToVerify): Promise<VerifyReport> {
  const replayed = await replayChainFile(primitives, file);
  if ('verdict' in replayed) return { kind: 'chain', ...replayed };
  const { heights, tipHash, stateRoot } = replayed.finish();
  const summary = `heights 1 to ${heights}: every hash, root, signature, certificate and receipt`;
  return {
    verdict: 'holds',
    kind: 'chain',
    summary,
    statements: [],
    heights,
    tipHash: toHex(tipHash),
    stateRoot: toHex(stateRoot),
  };
}

/** The file itself is damaged: `height` is the first one that could not be verified. */
function carFinding(height: number, { code, detail }: Rejection): Found {
  const field = typeof detail?.part === 'string' ? detail.part : 'file';
  return { verdict: code === 'car.version-unknown' ? 'unknown' : 'violated', height, field, code };
}
