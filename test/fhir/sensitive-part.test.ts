import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSensitivePart, encodeSensitivePart, FHIR_LIMITS, labelFor } from '../../src/fhir/index.ts';

const part = fc.record({
  sensitivities: fc.array(fc.stringMatching(/^[A-Z0-9]{1,16}$/), { maxLength: FHIR_LIMITS.sensitivitiesMax }),
  name: fc.string({ maxLength: 60, unit: 'grapheme' }).filter((text) => !text.startsWith('\uFEFF')),
  reason: fc.string({ maxLength: 60 }),
});

describe('the encrypted part of a category or record', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(part, (one) => {
        const bytes = encodeSensitivePart(one);
        expect(bytes.ok && decodeSensitivePart(bytes.value)).toEqual({ ok: true, value: one });
      }),
    );
  });

  it.each([
    ['too many codes', { sensitivities: Array(FHIR_LIMITS.sensitivitiesMax + 1).fill('PSY') }],
    ['a code that is none', { sensitivities: ['psychiatry!'] }],
    ['a word that is too long', { name: 'x'.repeat(FHIR_LIMITS.sensitiveWordMax + 1) }],
  ])('is refused with %s', (_what, change) => {
    const made = encodeSensitivePart({ sensitivities: [], name: '', reason: '', ...change });
    expect(made).toEqual({ ok: false, rejection: { code: 'fhir-sensitive.malformed' } });
  });

  it('is refused where its bytes are none, too many or not canonical (sensitiveBytesMax)', () => {
    for (const bytes of [new Uint8Array(), new Uint8Array(FHIR_LIMITS.sensitiveBytesMax + 1), Uint8Array.of(0xa0)])
      expect(decodeSensitivePart(bytes)).toMatchObject({ ok: false, rejection: { code: 'fhir-sensitive.malformed' } });
  });

  it('leaves the chain a label, and nothing by which two reasons could be told apart', () => {
    expect([labelFor([]), labelFor(['PSY']), labelFor(['HIV']), labelFor(['HIV', 'SDV'])]).toEqual([
      'N',
      'R',
      'R',
      'V',
    ]);
  });
});
