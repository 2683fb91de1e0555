import process from 'node:process';
import type { Hash } from '../../../../src/base/brand.ts';
import type { Primitives } from '../../../../src/base/primitives.ts';
import { noblePrimitives } from '../../../../src/crypto/noble.ts';
import { decapsulateOriginal, verifyCapsule } from '../../../../src/crypto/umbral/capsule.ts';
import { signCapsule, verifyCapsuleSignature } from '../../../../src/crypto/umbral/capsule-signature.ts';
import { decapsulateReencrypted } from '../../../../src/crypto/umbral/combination.ts';
import { cfragSimple } from '../../../../src/crypto/umbral/encoding.ts';
import { generateFragments, verifyFragment } from '../../../../src/crypto/umbral/fragments.ts';
import { reencrypt, verifyCfrag } from '../../../../src/crypto/umbral/reencryption.ts';
import type { Verified } from '../../../../src/crypto/umbral/types.ts';
import { nativePrimitives } from '../../../../src/node/primitives.ts';
import { entropyOf, makeCapsule, makeCfrags, makeGrant } from '../support.ts';

const THRESHOLD = 3;
const SHARES = 4;

/** CPU time of this process, user and system, for one call; the machine's other work does not count. */
function costUs(rounds: number, work: () => unknown): number {
  for (let i = 0; i < rounds / 4; i++) work();
  const before = process.cpuUsage();
  for (let i = 0; i < rounds; i++) work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / rounds;
}

function costs(primitives: Primitives, rounds: number): Readonly<Record<string, number>> {
  const grant = makeGrant(primitives, 'costs', { threshold: THRESHOLD, shares: SHARES });
  const { delegatingSk, receivingSk, signerSk, keys } = grant;
  const { capsule, authorScalar } = makeCapsule(primitives, keys.delegatingPk, 'costs');
  const cfrags = makeCfrags(primitives, grant, capsule).slice(0, THRESHOLD);
  const [kfrag] = grant.kfrags as [Verified<(typeof grant.kfrags)[0]>];
  const [cfrag] = cfrags as [(typeof cfrags)[0]];
  const entropy = entropyOf('costs');
  const message = entropyOf('message') as Hash;
  const signing = { capsule, authorScalar, message, nonceEntropy: entropy };
  const signature = signCapsule(primitives, signing);
  const { receivingPk } = keys;
  const order = { delegatingSk, receivingPk, signerSk, threshold: THRESHOLD, shares: SHARES, entropy };
  const reading = { receivingSk, delegatingPk: keys.delegatingPk };
  const encoded = cfragSimple.encode(cfrag);
  return {
    'one multiplication with a secret, for comparison': costUs(rounds, () =>
      primitives.ecdh(delegatingSk, receivingPk),
    ),
    encapsulate: costUs(rounds, () => makeCapsule(primitives, keys.delegatingPk, 'again')),
    'sign a capsule': costUs(rounds, () => signCapsule(primitives, signing)),
    "verify a capsule's signature": costUs(rounds, () =>
      verifyCapsuleSignature(primitives, capsule, message, signature),
    ),
    'verify a capsule': costUs(rounds, () => verifyCapsule(primitives, capsule)),
    'open as the owner': costUs(rounds, () => decapsulateOriginal(primitives, delegatingSk, capsule)),
    [`fragments, ${THRESHOLD} of ${SHARES}, each`]:
      costUs(rounds / 4, () => generateFragments(primitives, order)) / SHARES,
    'verify a fragment': costUs(rounds, () => verifyFragment(primitives, kfrag, keys)),
    're-encrypt: a share': costUs(rounds, () => reencrypt(primitives, capsule, kfrag, entropy)),
    'read a share (359 bytes)': costUs(rounds, () => cfragSimple.decode(primitives, encoded)),
    'verify a share': costUs(rounds, () => verifyCfrag(primitives, capsule, cfrag, keys)),
    [`combine ${THRESHOLD} shares`]: costUs(rounds, () => decapsulateReencrypted(primitives, reading, capsule, cfrags)),
  };
}

const [native, noble] = [costs(nativePrimitives(), 800), costs(noblePrimitives, 24)];
process.stdout.write('| operation | libsecp256k1, µs | @noble, µs |\n|---|---|---|\n');
for (const [name, us] of Object.entries(native))
  process.stdout.write(`| ${name} | ${us.toFixed(0)} | ${(noble[name] ?? Number.NaN).toFixed(0)} |\n`);
