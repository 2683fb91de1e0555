import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Hash } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import type { ChainEvent } from '../../src/client/api.ts';
import { openCategory } from '../../src/client/categories.ts';
import { eventSentence, isKnownEvent } from '../../src/client/event-sentences.ts';
import { heardSince } from '../../src/client/notifications.ts';
import { hash } from '../ledger/town.ts';
import { FakeConsortium, unwrapped } from './fake-consortium.ts';
import { member, sessionOf } from './people.ts';

describe('the sentence of an event', () => {
  it('is there for each that the ledger emits, and names what it is about', () => {
    const ledger = new URL('../../src/ledger/', import.meta.url);
    const texts = ['families', 'evaluation'].flatMap((folder) =>
      readdirSync(new URL(`${folder}/`, ledger), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => readFileSync(new URL(`${folder}/${name}`, ledger), 'utf8')),
    );
    // There every capitalised word in quotes is an event's name.
    const names = [...new Set(texts.flatMap((text) => text.match(/(?<=')[A-Z][a-z]+(?:[A-Z][a-z]+)*(?=')/g) ?? []))];
    expect(names.length).toBeGreaterThan(25);
    expect(names.filter((name) => !isKnownEvent(name))).toEqual([]);
    for (const name of names) {
      const sentence = eventSentence({ name, about: hash(name) });
      expect(sentence).toMatch(/^[A-Z].*[.]$/);
      expect(sentence).not.toContain('#');
    }
    expect(eventSentence({ name: 'RecordAmended', about: hash('x') })).toContain(toHex(hash('x')).slice(0, 12));
  });

  it('is the name and the id, where a newer hospital tells what this device has no words for', () => {
    expect(eventSentence({ name: 'constructor', about: Uint8Array.of(1) })).toBe('constructor (01).');
    expect(eventSentence({ name: 'evaluation.full', about: Uint8Array.of(1) })).toContain('not taken');
  });
});

describe('what happened to me since a height', () => {
  it('is told block by block and goes on where it ended; what the stream skips stands in the trail', async () => {
    const consortium = new FakeConsortium();
    const patient = await member(consortium, 'patient', 'patient');
    const opened = unwrapped(await openCategory(patient.session, patient.wallet, 'general'));
    const newest = opened.sent.height;
    const block = (height: number, names: readonly string[]): ChainEvent => ({
      type: 'block',
      height,
      blockHash: hash(`block ${height}`),
      timestampMs: height,
      events: names.map((name) => ({
        name,
        to: patient.wallet.id,
        about: hash(name) as Uint8Array,
        transactionId: hash(name) as Hash,
      })),
    });
    const asked: (number | undefined)[] = [];
    const api = {
      ...consortium.api(),
      events: async function* ({ afterHeight }: { readonly afterHeight?: number } = {}) {
        asked.push(afterHeight);
        yield { type: 'gap' as const, from: 1, to: newest };
        yield block(newest + 1, ['RecordRead', 'ReadEvaluated']);
        yield block(newest + 2, []);
        throw new Error('nobody listens beyond the newest block');
      },
      status: async () => ({ ...(await consortium.api().status()), height: newest + 2 }),
    };
    const session = sessionOf(consortium, patient.wallet.account, api);
    const heard = await heardSince(session, 0);
    expect(heard.height).toBe(newest + 2);
    expect(heard.notifications.map(({ name }) => name)).toEqual([
      'enrol',
      'admit',
      'publishDelegatingKey',
      'RecordRead',
      'ReadEvaluated',
    ]);
    expect(heard.notifications[2]).toMatchObject({ transactionId: opened.sent.id, about: null });
    expect(heard.notifications[2]?.sentence).toContain('You asked to publish a key for later records: done.');
    expect(await heardSince(session, heard.height)).toEqual({ notifications: [], height: heard.height });
    expect(asked).toEqual([0]);
  });
});
