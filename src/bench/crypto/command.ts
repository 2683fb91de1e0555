import { createCipheriv, randomBytes, randomFillSync } from 'node:crypto';
import { cpus } from 'node:os';
import process from 'node:process';
import { EXIT, type ExitCode } from '../../consortium/exit-codes.ts';
import type { Output } from '../../consortium/output.ts';
import { createOpener, createSealer, SALT_BYTES } from '../../crypto/cobblestone.ts';
import { nativePrimitives } from '../../node/primitives.ts';

const MIB = 1_048_576;
/** As a file is read (src/node/file-content.ts): all get the data in the same pieces. */
const PIECE_BYTES = 262_144;

export interface CryptoBenchReport {
  readonly mib: number;
  readonly rounds: number;
  /** MiB of plaintext for each second of this process's CPU: the median of the rounds. */
  readonly sealMibPerSecond: number;
  readonly openMibPerSecond: number;
  /** One AES-256-GCM message of node:crypto over the same data, piece by piece. */
  readonly nodeGcmMibPerSecond: number;
  /** Sealing's speed by node:crypto's: the median of the rounds' ratios. */
  readonly ratio: number;
  readonly machine: { readonly cores: number; readonly model: string; readonly node: string };
}

/** `carechain bench --crypto`: how fast records are encrypted here, beside what node:crypto does with the same bytes in the same run. */
export async function benchCrypto(output: Output, { mib = 64, rounds = 15 } = {}): Promise<ExitCode> {
  output.say(`encrypting ${mib} MiB, ${rounds} times …`);
  const { seal, open, reference } = works(mib);
  // Compiled before the first round counts.
  for (const work of [seal, open, reference]) work();
  const seconds = Array.from({ length: rounds }, () => ({
    reference: cpuSeconds(reference),
    seal: cpuSeconds(seal),
    open: cpuSeconds(open),
  }));
  const speed = (name: 'seal' | 'open' | 'reference') => Math.round(median(seconds.map((round) => mib / round[name])));
  const report: CryptoBenchReport = {
    mib,
    rounds,
    sealMibPerSecond: speed('seal'),
    openMibPerSecond: speed('open'),
    nodeGcmMibPerSecond: speed('reference'),
    ratio: Math.round(1_000 * median(seconds.map((round) => round.reference / round.seal))) / 1_000,
    machine: { cores: cpus().length, model: cpus()[0]?.model ?? 'unknown', node: process.version },
  };
  output.result(report, textOf(report));
  return EXIT.holds;
}

function works(mib: number) {
  const primitives = nativePrimitives();
  const data = new Uint8Array(mib * MIB);
  randomFillSync(data);
  const options = { key: new Uint8Array(randomBytes(32)), context: new Uint8Array(64) };
  const salt = new Uint8Array(SALT_BYTES);
  const sealer = createSealer(primitives, { ...options, salt });
  const message = [...eachPiece(data)].map((piece) => sealer.update(piece));
  message.push(sealer.finish());

  return {
    seal: () => {
      const each = createSealer(primitives, { ...options, salt });
      let bytes = 0;
      for (const piece of eachPiece(data)) for (const part of each.parts(piece)) bytes += part.length;
      return bytes + each.finish().length;
    },
    open: () => {
      const each = createOpener(primitives, options);
      for (const piece of message) if (!each.update(piece).ok) throw new Error('a sealed message opens');
      if (!each.finish().ok) throw new Error('a sealed message opens');
      return data.length;
    },
    reference: () => {
      const cipher = createCipheriv('aes-256-gcm', options.key, new Uint8Array(12));
      let bytes = 0;
      for (const piece of eachPiece(data)) bytes += cipher.update(piece).length;
      return bytes + cipher.final().length + cipher.getAuthTag().length;
    },
  };
}

function* eachPiece(data: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < data.length; at += PIECE_BYTES) yield data.subarray(at, at + PIECE_BYTES);
}

/** CPU and not the clock: other work on the machine does not count. */
function cpuSeconds(work: () => number): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000_000;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;

const textOf = (report: CryptoBenchReport): string =>
  [
    `records (Cobblestone-256): sealed at ${report.sealMibPerSecond} MiB/s, opened at ${report.openMibPerSecond} MiB/s of one core`,
    `node:crypto AES-256-GCM, the same data: ${report.nodeGcmMibPerSecond} MiB/s; sealing has ${(100 * report.ratio).toFixed(0)} % of it`,
  ].join('\n');
