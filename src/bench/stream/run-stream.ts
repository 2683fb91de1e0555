import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { hostDevice } from '../../client/device.ts';
import { type Member, ProcessTree } from '../../consortium/process-tree.ts';
import { program, smallArgs } from '../../consortium/program.ts';
import { nativePrimitives } from '../../node/primitives.ts';
import { openBlobFiles } from '../../storage/blob-files.ts';
import { benchConsortium } from '../bench-consortium.ts';
import type { DeviceMessage, DevicePlan } from './device-plan.ts';
import { MemoryWatch } from './memory-of.ts';

const MIB = 1_048_576;
/** A node that has just started still compiles what it runs: its base is read once it has settled. */
const SETTLE_MS = 3_000;
const REPLICATED_POLL_MS = 200;

export interface StreamOptions {
  readonly mib: number;
  readonly hospitals: number;
}

export interface ProcessMemory {
  readonly process: string;
  /** Before the first byte of the study. */
  readonly baseMib: number;
  /** The most it ever held, its start included. */
  readonly peakMib: number;
}

export interface StreamReport {
  readonly mib: number;
  readonly hospitals: number;
  readonly ciphertextBytes: number;
  /** The file that came back is the file that went in. */
  readonly isSame: boolean;
  readonly writeSeconds: number;
  /** From the registered record until every hospital holds it. */
  readonly replicateSeconds: number;
  readonly readSeconds: number;
  readonly memory: readonly ProcessMemory[];
}

/**
 * A file through seal → upload → store → replicate → download → open → file, on a throw-away consortium of real processes. The
 * patient's device writes at hospital 1 and reads at the last one.
 */
export async function runStream({ mib, hospitals }: StreamOptions): Promise<StreamReport> {
  const folder = await mkdtemp(join(tmpdir(), 'carechain-stream-'));
  const tree = new ProcessTree();
  const settings = { engine: 'qbft', validators: hospitals, blockIntervalMs: 1_000 } as Parameters<
    typeof benchConsortium
  >[2];
  const consortium = await benchConsortium(hostDevice(nativePrimitives()), join(folder, 'data'), settings, {
    nodeOptions: smallArgs,
  });
  try {
    const [fileIn, fileOut] = [join(folder, 'in'), join(folder, 'out')];
    const [before] = await Promise.all([writeNoise(fileIn, mib), consortium.startAll()]);
    const numbers = consortium.hospitals.map(({ number }) => number);
    const folders = numbers.map((number) => consortium.hospital(number).folder);
    const member = await startDevice(tree, join(folder, 'device.log'));
    const plan: DevicePlan = {
      genesisText: consortium.genesisText,
      apis: numbers.map((number) => consortium.api(number)),
      folders,
      writesAt: 1,
      readsAt: hospitals,
      fileIn,
      fileOut,
    };
    const ready = next(member, 'ready');
    member.send(plan as never);
    await ready;
    const watch = new MemoryWatch([member.pid, ...numbers.map((number) => consortium.pid(number))]);
    await pause(SETTLE_MS);
    const base = await watch.read();
    const written = await timed(() => step(member, 'write', 'written'));
    const { cid, ciphertextBytes } = written.value;
    const replicated = await timed(() => everywhere(folders, cid));
    const read = await timed(() => step(member, 'read', 'read'));
    const peaks = await watch.read();
    watch.stop();
    const names = ['device', ...numbers.map((number) => `hospital ${number}`)];
    return {
      mib,
      hospitals,
      ciphertextBytes,
      isSame: before === (await digestOf(fileOut)),
      writeSeconds: written.seconds,
      replicateSeconds: replicated.seconds,
      readSeconds: read.seconds,
      memory: names.map((process, i) => ({
        process,
        baseMib: Math.round((base[i]?.nowBytes ?? 0) / MIB),
        peakMib: Math.round((peaks[i]?.peakBytes ?? 0) / MIB),
      })),
    };
  } finally {
    await tree.stopAll();
    await consortium.stopAll();
    await rm(folder, { recursive: true, force: true });
  }
}

function startDevice(tree: ProcessTree, logFile: string): Promise<Member> {
  const { modulePath, execArgv } = program();
  const own = modulePath.endsWith('.ts') ? './device-process.ts' : './device-process.js';
  return tree.spawnMember({
    name: 'device',
    modulePath: fileURLToPath(new URL(own, import.meta.url)),
    execArgv: [...execArgv, ...smallArgs],
    logFile,
  });
}

function step<Type extends DeviceMessage['type']>(
  member: Member,
  order: string,
  type: Type,
): Promise<Extract<DeviceMessage, { type: Type }>> {
  const done = next(member, type);
  member.send(order);
  return done;
}

function next<Type extends DeviceMessage['type']>(
  member: Member,
  type: Type,
): Promise<Extract<DeviceMessage, { type: Type }>> {
  return new Promise((resolve, reject) => {
    member.onMessage((message) => {
      const told = message as DeviceMessage;
      if (told.type === type) resolve(told as Extract<DeviceMessage, { type: Type }>);
      if (told.type === 'failed') reject(new Error(`the device failed: ${told.message}`));
    });
    void member.exited.then(({ code, signal }) => reject(new Error(`the device ended with ${code ?? signal}`)));
  });
}

/** Until each hospital's folder holds the content under its name. */
async function everywhere(folders: readonly string[], cid: string): Promise<void> {
  for (const folder of folders) {
    const files = await openBlobFiles(join(folder, 'blobs', 'content'));
    for (;;) {
      const file = await files.open(cid);
      await file?.close();
      if (file !== undefined) break;
      await pause(REPLICATED_POLL_MS);
    }
  }
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly seconds: number }> {
  const startedAtMs = performance.now();
  const value = await work();
  return { value, seconds: Math.round((performance.now() - startedAtMs) / 100) / 10 };
}

/** A file of noise, and its digest. */
async function writeNoise(path: string, mib: number): Promise<string> {
  const cipher = createCipheriv('aes-256-ctr', randomBytes(32), new Uint8Array(16));
  const hash = createHash('sha256');
  const zeros = new Uint8Array(MIB);
  async function* noise() {
    for (let i = 0; i < mib; i++) {
      const piece = cipher.update(zeros);
      hash.update(piece);
      yield piece;
    }
  }
  await pipeline(Readable.from(noise()), createWriteStream(path));
  return hash.digest('hex');
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Uint8Array);
  return hash.digest('hex');
}
