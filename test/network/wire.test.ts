import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/base/brand.ts';
import { concat, utf8 } from '../../src/base/bytes.ts';
import { ANNOUNCEMENT_WIRE_BYTES_MAX, decodeAnnouncement, encodeAnnouncement } from '../../src/network/announcement.ts';
import { decodeAnswerFrame, encodeChunk, encodeEnd, encodeRefusal } from '../../src/network/answer.ts';
import { NETWORK_LIMITS } from '../../src/network/limits.ts';
import { CHANNELS, protocolsOf, REQUEST_KINDS } from '../../src/network/protocols.ts';
import { chain } from './harness.ts';

const origin = fc.uint8Array({ minLength: 20, maxLength: 20 }) as fc.Arbitrary<Address>;

describe('an answer frame', () => {
  it('is a chunk, an end or a refusal, and reads back as what was written', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(decodeAnswerFrame(encodeChunk(bytes))).toEqual({ type: 'chunk', bytes });
      }),
    );
    expect(decodeAnswerFrame(encodeEnd())).toEqual({ type: 'end' });
    expect(decodeAnswerFrame(encodeRefusal('network-request.busy'))).toEqual({
      type: 'refusal',
      code: 'network-request.busy',
    });
  });

  it('takes no code from a peer that it does not know', () => {
    for (const said of ['', 'network.stopped', 'network-request.busy!', 'constructor'])
      expect(decodeAnswerFrame(concat(Uint8Array.of(2), utf8(said)))).toEqual({
        type: 'refusal',
        code: 'network-request.failed',
      });
  });

  it('is nothing else', () => {
    for (const bytes of [[], [3], [255, 0], [1, 0]]) expect(decodeAnswerFrame(Uint8Array.from(bytes))).toBeUndefined();
  });
});

describe('an announcement', () => {
  it('reads back with its origin, in bytes of its own', () => {
    const bytes = fc.uint8Array({ maxLength: NETWORK_LIMITS.announcementBytesMax });
    fc.assert(
      fc.property(origin, fc.maxSafeNat(), bytes, (from, sequence, said) => {
        const wire = Buffer.from(encodeAnnouncement(from, sequence, said));
        const decoded = decodeAnnouncement(wire);
        wire.fill(0xee);
        expect(decoded).toEqual({ ok: true, value: { origin: from, bytes: said } });
      }),
    );
  });

  it('differs from the same words of another origin or sequence', () => {
    const wires = [
      encodeAnnouncement(new Uint8Array(20).fill(1) as Address, 1, utf8('height 5')),
      encodeAnnouncement(new Uint8Array(20).fill(2) as Address, 1, utf8('height 5')),
      encodeAnnouncement(new Uint8Array(20).fill(1) as Address, 2, utf8('height 5')),
    ];
    expect(new Set(wires.map(String)).size).toBe(3);
  });

  it('is refused when short or long', () => {
    for (const length of [0, 27, ANNOUNCEMENT_WIRE_BYTES_MAX + 1])
      expect(decodeAnnouncement(new Uint8Array(length))).toMatchObject({
        ok: false,
        rejection: { code: 'network-announcement.malformed' },
      });
  });
});

describe('protocol names', () => {
  it('differ for every channel and kind, and between chains', () => {
    const names = [chain(1), chain(2)].flatMap((id) => {
      const protocols = protocolsOf(id);
      return [protocols.topic, protocols.prefix, ...[...CHANNELS, ...REQUEST_KINDS].map(protocols.of)];
    });
    expect(new Set(names).size).toBe(names.length);
    expect(protocolsOf(chain(0xab)).of('blob')).toBe(`/carechain/${'ab'.repeat(16)}/blob/1`);
  });
});
