import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { decodeBlock } from '../../ledger/block.ts';
import { atHeight } from '../../storage/key-space.ts';
import { put } from '../../storage/kv.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import { writeChainOf } from '../export-chain.ts';
import { genesisPath, hospitalFolder, memberName } from '../layout.ts';
import { verifyFile } from '../verify-file.ts';
import { carechain } from './carechain-process.ts';
import { HOSPITAL_A, type Story } from './story.ts';

export const carPath = (folder: string, number: number): string => join(folder, `${memberName(number)}.car`);

/**
 * Every hospital's chain is exported and holds. Then one bit is turned: of a stored block, by somebody who owns the disk and makes the
 * database's own checksums fit again; and of an exported file. Verification finds both, and names height and field.
 */
export async function tamperIsDetected(story: Story): Promise<void> {
  const whole = await exportAll(story);
  story.tell(`Each hospital's chain is exported and checked from the genesis file alone: all ${whole.length} hold.`);

  const stored = await alterStoredBlock(story);
  story.tell(
    `One bit of block ${stored.height} is turned in a copy of a data folder: verification says ${stored.verdict}, ` +
      `height ${stored.foundHeight}, field ${stored.field} (${stored.code}).`,
  );
  const file = await alterFile(story);
  story.tell(`One bit of an exported file is turned: verification says ${file.verdict} (${file.code}).`);
  const ok =
    whole.every(({ verdict }) => verdict === 'holds') &&
    new Set(whole.map(({ stateRoot }) => stateRoot)).size === 1 &&
    stored.exitCode === 1 &&
    stored.foundHeight === stored.height &&
    typeof stored.field === 'string' &&
    file.exitCode === 1;
  story.checks.add('tamper-detected', ok, { height: stored.foundHeight, field: stored.field, stored, file, whole });
}

/** All at the height that every one of them has, since they stopped a moment apart. */
async function exportAll(story: Story) {
  const { consortium, folder } = story;
  const answers = [];
  for (const { number, folder: hospital } of consortium.hospitals) {
    const file = carPath(folder, number);
    await writeChainOf(story.device.primitives, { folder: hospital, genesisText: consortium.genesisText, file });
    const report = await verifyFile(story.device.primitives, { path: file, genesisText: consortium.genesisText });
    const facts = report.verdict === 'holds' ? { heights: report.heights } : { field: report.field, code: report.code };
    answers.push({ file: basename(file), verdict: report.verdict, ...facts });
  }
  const roots = await commonStateRoots(story);
  return answers.map((answer, index) => ({ ...answer, stateRoot: roots[index] }));
}

/** Each hospital's state root at the highest height that all of them have. */
async function commonStateRoots(story: Story): Promise<readonly string[]> {
  const chains = await Promise.all(story.consortium.hospitals.map(({ folder }) => readStateRoots(folder)));
  const height = Math.min(...chains.map((roots) => roots.length)) - 1;
  return chains.map((roots) => roots[height] ?? 'none');
}

async function readStateRoots(folder: string): Promise<readonly string[]> {
  const store = await openLevelStore(join(folder, 'chain'), { create: false });
  try {
    const roots: string[] = [];
    for (;;) {
      const bytes = await store.get(atHeight('block', roots.length));
      const block = bytes === undefined ? undefined : decodeBlock(bytes);
      if (block === undefined || !block.ok) return roots;
      roots.push(Buffer.from(block.value.header.stateRoot).toString('hex'));
    }
  } finally {
    await store.close();
  }
}

/** The block that registered the first record. */
async function alterStoredBlock(story: Story) {
  const { folder, consortium } = story;
  const copy = join(folder, 'altered');
  const file = join(folder, 'altered.car');
  await cp(hospitalFolder(folder, HOSPITAL_A), copy, { recursive: true });
  const height = story.records[0]?.registeredAt ?? 1;
  const store = await openLevelStore(join(copy, 'chain'), { create: false });
  const block = new Uint8Array((await store.get(atHeight('block', height))) ?? []);
  turnOneBit(block, block.length - 1);
  await store.batch([put(atHeight('block', height), block)], { sync: true });
  await store.close();
  await writeChainOf(story.device.primitives, {
    folder: copy,
    genesisText: consortium.genesisText,
    file,
    verifyBlocks: 0,
  });
  const answer = await verifyAltered(story, file);
  await rm(copy, { recursive: true });
  return { height, ...answer };
}

async function alterFile(story: Story) {
  const file = join(story.folder, 'altered.car');
  const bytes = await readFile(carPath(story.folder, HOSPITAL_A));
  turnOneBit(bytes, Math.floor(bytes.length / 2));
  await writeFile(file, bytes);
  return verifyAltered(story, file);
}

async function verifyAltered(story: Story, file: string) {
  const { exitCode, result } = await carechain(['verify', file, '--genesis', genesisPath(story.folder)]);
  await rm(file);
  return {
    exitCode,
    verdict: result.verdict,
    foundHeight: result.height,
    field: result.field,
    code: result.code,
  };
}

const turnOneBit = (bytes: Uint8Array, at: number): void => {
  bytes[at] = (bytes[at] ?? 0) ^ 1;
};
