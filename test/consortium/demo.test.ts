import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Address } from '../../src/base/brand.ts';
import { CHAPTERS, OFFLINE_CHAPTERS, tellChapters } from '../../src/consortium/demo/chapters.ts';
import { CHECKS, Checklist } from '../../src/consortium/demo/checklist.ts';
import { writeManifest } from '../../src/consortium/demo/manifest.ts';
import { readRecordFiles } from '../../src/consortium/demo/record-files.ts';
import type { Story } from '../../src/consortium/demo/story.ts';
import { EXIT } from '../../src/consortium/exit-codes.ts';
import { CommandError } from '../../src/consortium/output.ts';
import { Recording } from '../../src/consortium/recording.ts';
import { samplePatientText } from '../../src/fhir/sample.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'carechain-demo-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

describe('the checklist of the demonstration', () => {
  it('has a chapter for each check, and a check for each chapter', () => {
    expect([...CHAPTERS, ...OFFLINE_CHAPTERS].map(({ check }) => check)).toEqual(CHECKS);
  });

  it('holds for records only where it held for every one, and names each', () => {
    const checks = new Checklist(['a.json', 'b.json']);
    const found = (ok: boolean) => [
      { record: 'a.json', ok: true, facts: {} },
      { record: 'b.json', ok, facts: {} },
    ];
    checks.addForEach('registered', found(true));
    checks.addForEach('granted', found(false));
    checks.addForEach('enrolled', []);
    const of = (name: string) => checks.all.find((check) => check.name === name);
    expect(of('registered')).toMatchObject({ ok: true, detail: { record: ['a.json', 'b.json'] } });
    expect(of('granted')).toMatchObject({ ok: false, detail: { record: ['a.json', 'b.json'] } });
    expect(of('enrolled')?.ok).toBe(false);
  });

  it('does not hold for what was never reached', () => {
    const checks = new Checklist(['a.json']);
    expect(checks.all.map(({ name }) => name)).toEqual(CHECKS);
    expect(checks.all.some(({ ok }) => ok)).toBe(false);
  });

  it('is unknown for what the time did not reach, and violated for what broke', async () => {
    const told = async (error: unknown): Promise<Checklist> => {
      const checks = new Checklist(['a.json']);
      const chapters = [
        { check: 'first-block', tell: async () => checks.add('first-block', true, {}) },
        { check: 'enrolled', tell: async () => Promise.reject(error) },
        { check: 'registered', tell: async () => checks.add('registered', true, {}) },
      ] as const;
      await tellChapters({ checks, tell: () => {} } as unknown as Story, chapters, performance.now() + 10_000);
      return checks;
    };
    const late = await told(new CommandError('consortium-chain.stalled', 'too late'));
    expect(late.all.map(({ verdict }) => verdict).slice(0, 3)).toEqual(['holds', 'unknown', 'unknown']);
    expect([late.verdict, EXIT[late.verdict]]).toEqual(['unknown', 2]);
    const broken = await told(new Error('it broke'));
    expect(broken.all.find(({ name }) => name === 'enrolled')).toMatchObject({ ok: false, verdict: 'violated' });
    expect([broken.verdict, EXIT[broken.verdict]]).toEqual(['violated', 1]);
  });

  it('is unknown for a chapter that is still being told when the time is over', async () => {
    const checks = new Checklist(['a.json']);
    const endless = { check: 'enrolled', tell: () => new Promise<void>(() => {}) } as const;
    expect(await tellChapters({ checks, tell: () => {} } as unknown as Story, [endless], performance.now())).toBe(
      false,
    );
    expect(checks.verdict).toBe('unknown');
  });
});

const textOf = (bytes: Uint8Array = new Uint8Array(0)): string => Buffer.from(bytes).toString('utf8');

describe('the records of the demonstration', () => {
  it('are the DICOM and PDF files of a folder and of those below it too, byte for byte', async () => {
    const passage = 'The quick brown fox jumps over the lazy dog, 1234567890 times and more.';
    const pdf = Buffer.from(`%PDF-1.7\n\xff\xfe${' '.repeat(500)}${passage}\x00\x80`, 'latin1');
    const dicom = Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), Buffer.alloc(300, 0xe9)]);
    mkdirSync(join(folder, 'below'));
    writeFileSync(join(folder, 'below', 'report.pdf'), pdf);
    writeFileSync(join(folder, 'scan.dcm'), dicom);
    const { records, markers, skipped } = await readRecordFiles(folder, undefined);
    expect(records.map(({ name, kind }) => [name, kind])).toEqual([
      ['below_report.pdf', 'pdf'],
      ['scan.dcm', 'dicom'],
    ]);
    expect(records.map(({ bytes }) => Buffer.from(bytes))).toEqual([pdf, dicom]);
    expect(skipped).toEqual([]);
    // Blanks and pixels are found everywhere; words are not.
    expect(markers).toHaveLength(1);
    expect(passage).toContain(markers[0]);
    await expect(readRecordFiles(folder, 'a planted marker')).rejects.toMatchObject({ exitCode: 64 });
  });

  it('are the own sample, with the marker in it, where no folder is named', async () => {
    const { records, markers } = await readRecordFiles(undefined, 'a planted marker');
    expect(markers).toEqual(['a planted marker']);
    expect(records.map(({ bytes }) => textOf(bytes).includes('a planted marker'))).toEqual([true]);
    const [first, second] = [await readRecordFiles(undefined, undefined), await readRecordFiles(undefined, undefined)];
    expect(first.markers).not.toEqual(second.markers);
  });

  it('are the patient bundles of a folder as they are; the rest is reported', async () => {
    const bundle = samplePatientText({ number: 3 });
    write('patient.json', bundle);
    write('notes.txt', 'no bundle');
    write('empty.json', '');
    const { records, markers, skipped } = await readRecordFiles(folder, undefined);
    expect(records.map(({ name, bytes }) => [name, textOf(bytes)])).toEqual([['patient.json', bundle]]);
    expect(markers.every((marker) => bundle.includes(marker))).toBe(true);
    expect(skipped.map(({ name }) => name)).toEqual(['empty.json', 'notes.txt']);
  });

  it('get the marker planted where one is named', async () => {
    write('patient.json', samplePatientText());
    const { records, markers } = await readRecordFiles(folder, 'a "planted" marker');
    expect(markers[0]).toBe('a "planted" marker');
    expect(JSON.stringify(JSON.parse(textOf(records[0]?.bytes)))).toContain(JSON.stringify('a "planted" marker'));
  });

  it('must be there', async () => {
    write('notes.txt', 'no bundle');
    await expect(readRecordFiles(folder, undefined)).rejects.toMatchObject({ exitCode: 64 });
    await expect(readRecordFiles(join(folder, 'missing'), undefined)).rejects.toMatchObject({ exitCode: 64 });
  });
});

describe('what is kept', () => {
  it('is recorded back to back for each direction of each route and peer', () => {
    const recording = new Recording(folder);
    const route = 'GET /v1/records/:id';
    for (const text of ['one ', 'two']) recording.api({ direction: 'in', route, bytes: Buffer.from(text) });
    recording.api({ direction: 'out', route, bytes: Buffer.from('answer') });
    const peer = new Uint8Array(20).fill(0xab) as Address;
    recording.network({ direction: 'in', peer, protocol: '/carechain/00ff/duty/1', bytes: Buffer.from('duty') });
    recording.close();
    const read = (...path: string[]): string => readFileSync(join(folder, ...path), 'utf8');
    expect(read('api', 'GET_v1_records_id.in')).toBe('one two');
    expect(read('api', 'GET_v1_records_id.out')).toBe('answer');
    expect(read('peers', `${'ab'.repeat(20)}.duty-1.in`)).toBe('duty');
  });

  it('is listed in a manifest with what it is, its bytes and its SHA-256', async () => {
    write('genesis.json', 'abc');
    await writeManifest(folder);
    await writeManifest(folder);
    // FIPS 180-4's first example.
    const sha256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    const { files } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as { files: object[] };
    expect(files).toEqual([{ path: 'genesis.json', what: expect.stringContaining('genesis'), bytes: 3, sha256 }]);
  });
});
