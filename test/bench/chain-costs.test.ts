import { beforeAll, describe, expect, it } from 'vitest';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import { type PhaseCosts, weighChain } from '../../src/bench/costs/chain-costs.ts';
import { openCategory } from '../../src/client/categories.ts';
import { grantAccess } from '../../src/client/grant.ts';
import { readRecord } from '../../src/client/read-record.ts';
import { applied } from '../../src/client/session.ts';
import { writeRecord } from '../../src/client/write-record.ts';
import { encodeReceipts } from '../../src/ledger/receipt.ts';
import { FakeConsortium, unwrapped } from '../client/fake-consortium.ts';
import { hospitalAccount, member, sessionOf } from '../client/people.ts';
import { HOUR_MS, primitives } from '../ledger/town.ts';

const READS = 3;
const HOSPITALS = [1, 2, 3, 4];
const CERTIFICATE_BYTES = 500;

let consortium: FakeConsortium;
let heights: { begin: number; written: number; granted: number; read: number };
let costs: Readonly<Record<string, PhaseCosts>>;

/** One record, one grant, three reads that all four hospitals answer: a block for each transaction. */
beforeAll(async () => {
  consortium = new FakeConsortium();
  const { town } = consortium;
  const patient = await member(consortium, 'patient', 'patient');
  const doctor = await member(consortium, 'doctor', 'practitioner');
  const { category } = unwrapped(await openCategory(patient.session, patient.wallet, 'general'));
  const height = (): number => town.tip.header.height;
  const begin = height();
  const input = { owner: patient.wallet.id, category, plaintext: utf8('what the author sealed') };
  const { record } = unwrapped(await writeRecord(patient.session, patient.wallet, input));
  const written = height();
  const grantee = { type: 'person' as const, id: toHex(doctor.wallet.id) };
  const wish = { grantee, labels: ['general'], purposes: ['TREAT' as const], access: 'read' as const, uses: null };
  const expires = town.tip.header.timestampMs + HOUR_MS;
  unwrapped(await grantAccess(patient.session, patient.wallet, { ...wish, expires }));
  const granted = height();
  for (let n = 0; n < READS; n++) {
    const { sent } = unwrapped(await readRecord(doctor.session, doctor.wallet, { record, purpose: 'TREAT' }));
    for (const hospital of HOSPITALS) {
      const session = sessionOf(consortium, hospitalAccount(hospital));
      const answers = [{ read: sent.id, shareHash: primitives.hash(Uint8Array.of(n, hospital)) }];
      unwrapped(applied(await session.send('respond', { answers })));
    }
  }
  heights = { begin, written, granted, read: height() };
  const blocks = town.blocks.slice(1).map(({ bytes, execution }) => ({
    block: bytes,
    certificate: new Uint8Array(CERTIFICATE_BYTES),
    receipts: encodeReceipts(execution.receipts),
  }));
  costs = weighChain(primitives, consortium.genesisText, blocks, {
    record: { kind: 'registerRecord', from: begin, to: written },
    grant: { kind: 'grant', from: written, to: granted },
    read: { kind: 'readRecord', from: granted, to: height() },
  });
});

const blocksOf = (from: number, to: number) => consortium.town.blocks.slice(from + 1, to + 1);
const bytesOf = (from: number, to: number): number =>
  blocksOf(from, to).reduce((sum, { bytes }) => sum + bytes.length, 0);

/** What stands in the state after a height, by a plain map. */
function stateBytesAt(height: number): number {
  const rows = new Map<string, number>();
  for (const { execution } of consortium.town.blocks.slice(0, height + 1))
    for (const [key, value] of execution.changes) {
      if (value === null) rows.delete(key);
      else rows.set(key, key.length + value.length);
    }
  return [...rows.values()].reduce((sum, bytes) => sum + bytes, 0);
}

describe('what a chain is weighed at', () => {
  it('counts what was done, and what followed from it', () => {
    expect(costs.record).toMatchObject({ items: 1, blocks: 1, transactions: { registerRecord: { perItem: 1 } } });
    expect(costs.grant).toMatchObject({ items: 1, blocks: 1, transactions: { grant: { perItem: 1 } } });
    expect(costs.read).toMatchObject({ items: READS, blocks: READS * (1 + HOSPITALS.length) });
    expect(costs.read?.transactions).toMatchObject({
      readRecord: { perItem: 1 },
      respond: { perItem: HOSPITALS.length },
    });
  });

  it('divides the whole blocks and certificates by what they hold', () => {
    const { begin, written, granted, read } = heights;
    expect(costs.record?.blockBytes).toBe(bytesOf(begin, written));
    expect(costs.grant?.blockBytes).toBe(bytesOf(written, granted));
    expect(costs.read?.blockBytes).toBeCloseTo(bytesOf(granted, read) / READS, 0);
    expect(costs.read?.certificateBytes).toBe(CERTIFICATE_BYTES * (1 + HOSPITALS.length));
  });

  it('finds the state grown by as much as it has grown', () => {
    const { begin, written, granted, read } = heights;
    expect(costs.record?.stateGrowthBytes).toBe(stateBytesAt(written) - stateBytesAt(begin));
    expect(costs.grant?.stateGrowthBytes).toBe(stateBytesAt(granted) - stateBytesAt(written));
    expect(costs.read?.stateGrowthBytes).toBeCloseTo((stateBytesAt(read) - stateBytesAt(granted)) / READS, 0);
  });

  it('says that more is stored than its parts', () => {
    for (const one of Object.values(costs)) {
      const { blockBytes, certificateBytes, receiptsBytes, auditBytes, stateBytes, treeBytes, storedBytes } = one;
      expect(storedBytes).toBeGreaterThan(
        blockBytes + certificateBytes + receiptsBytes + auditBytes + stateBytes + treeBytes,
      );
      expect(stateBytes).toBeGreaterThanOrEqual(one.stateGrowthBytes);
    }
  });

  it('refuses blocks that are not of this chain', () => {
    const altered = [{ block: new Uint8Array(100), certificate: null, receipts: new Uint8Array(1) }];
    expect(() => weighChain(primitives, consortium.genesisText, altered, {})).toThrow(/a block of the chain holds/);
  });
});
