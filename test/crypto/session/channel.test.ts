import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex, utf8 } from '../../../src/base/bytes.ts';
import { CRYPTO_LIMITS } from '../../../src/crypto/limits.ts';
import {
  answerRenewal,
  type Channel,
  completeRenewal,
  MESSAGE_OVERHEAD_BYTES,
  offerRenewal,
  openMessage,
  sealMessage,
} from '../../../src/crypto/session/channel.ts';
import { bytesFrom } from '../support/vectors.ts';
import { meet, primitives, refused, value } from './meeting.ts';

const { patient, hospital } = value(meet());
const text = (n: number) => utf8(`message ${n}`);

/** Sends `count` messages; the messages, and both sides' states before each. */
function talk(from: Channel, to: Channel, count: number) {
  const messages: Uint8Array[] = [];
  const states: { from: Channel; to: Channel }[] = [];
  for (let n = 0; n < count; n++) {
    states.push({ from, to });
    const sent = value(sealMessage(primitives, from, text(n)));
    const got = value(openMessage(primitives, to, sent.message));
    expect(got.text).toEqual(text(n));
    messages.push(sent.message);
    from = sent.channel;
    to = got.channel;
  }
  return { messages, states, from, to };
}

function renew(offering: Channel, answering: Channel, label = 'renewal') {
  const offer = value(offerRenewal(primitives, offering, bytesFrom(`${label} offer`, 48)));
  const answer = value(answerRenewal(primitives, answering, offer.message, bytesFrom(`${label} answer`, 48)));
  const offered = value(completeRenewal(primitives, offer.state, answer.message));
  return { offered, answered: answer.channel, messages: [offer.message, answer.message] };
}

describe('a channel', () => {
  it('carries texts of any length in order, both ways, seventeen bytes longer', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.uint8Array({ maxLength: 300 })), { maxLength: 12 }), (turns) => {
        let [p, h] = [patient, hospital];
        for (const [fromPatient, body] of turns) {
          const sent = value(sealMessage(primitives, fromPatient ? p : h, body));
          const got = value(openMessage(primitives, fromPatient ? h : p, sent.message));
          expect(toHex(got.text)).toBe(toHex(body));
          expect(sent.message.length).toBe(body.length + MESSAGE_OVERHEAD_BYTES);
          [p, h] = fromPatient ? [sent.channel, got.channel] : [got.channel, sent.channel];
        }
      }),
      { numRuns: 30 },
    );
  });

  it('refuses what is repeated, left out, altered, or of the other direction, and then still takes the right one', () => {
    const { messages, states } = talk(patient, hospital, 3);
    const at1 = states[1]?.to as Channel;
    const wrong = refused('crypto-session.wrong-keys');
    expect(openMessage(primitives, at1, messages[0] as Uint8Array)).toMatchObject(wrong);
    expect(openMessage(primitives, at1, messages[2] as Uint8Array)).toMatchObject(wrong);
    const altered = (messages[1] as Uint8Array).slice();
    altered[3] = (altered[3] as number) ^ 1;
    expect(openMessage(primitives, at1, altered)).toMatchObject(wrong);
    const other = value(sealMessage(primitives, hospital, text(1))).message;
    expect(openMessage(primitives, at1, other)).toMatchObject(wrong);
    expect(value(openMessage(primitives, at1, messages[1] as Uint8Array)).text).toEqual(text(1));
  });

  it('takes a renewal for no text, and a text for no renewal', () => {
    const offer = value(offerRenewal(primitives, patient, bytesFrom('o', 48)));
    expect(openMessage(primitives, hospital, offer.message)).toMatchObject(refused('crypto-session.malformed'));
    const sent = value(sealMessage(primitives, patient, bytesFrom('t', 33)));
    expect(answerRenewal(primitives, hospital, sent.message, bytesFrom('a', 48))).toMatchObject(
      refused('crypto-session.malformed'),
    );
  });

  it('ends at its limits (sessionMessagesMax, sessionMessageBytesMax)', () => {
    const exhausted = refused('crypto-session.exhausted');
    const spent = { key: patient.sending.key, count: CRYPTO_LIMITS.sessionMessagesMax };
    expect(sealMessage(primitives, { ...patient, sending: spent }, text(0))).toMatchObject(exhausted);
    const full = new Uint8Array(CRYPTO_LIMITS.sessionMessageBytesMax - MESSAGE_OVERHEAD_BYTES);
    expect(sealMessage(primitives, patient, full).ok).toBe(true);
    expect(sealMessage(primitives, patient, new Uint8Array(full.length + 1))).toMatchObject(exhausted);
    const tooLong = new Uint8Array(CRYPTO_LIMITS.sessionMessageBytesMax + 1);
    expect(openMessage(primitives, hospital, tooLong)).toMatchObject(exhausted);
    const received = { key: hospital.receiving.key, count: CRYPTO_LIMITS.sessionMessagesMax };
    expect(openMessage(primitives, { ...hospital, receiving: received }, tooLong.slice(2))).toMatchObject(exhausted);
  });
});

/** Everything that an attacker with a stolen state can try on a recorded message: each chain of it, run on as far as he likes. */
function opensWith(stolen: Channel, message: Uint8Array): boolean {
  for (const start of [stolen.receiving, stolen.sending]) {
    let chain = start;
    for (let n = 0; n < 12; n++) {
      const state: Channel = { ...stolen, receiving: chain };
      if (openMessage(primitives, state, message).ok) return true;
      // Sealing runs a chain on as its owner would.
      chain = value(sealMessage(primitives, { ...stolen, sending: chain }, text(0))).channel.sending;
    }
  }
  return false;
}

describe('a stolen state', () => {
  const { messages, states, from, to } = talk(patient, hospital, 6);

  it('opens no earlier message (forward secrecy)', () => {
    for (let n = 0; n < 6; n++)
      for (let stolen = n + 1; stolen < 6; stolen++)
        for (const side of ['from', 'to'] as const)
          expect(opensWith(states[stolen]?.[side] as Channel, messages[n] as Uint8Array)).toBe(false);
  });

  it('opens what comes until the next renewal: this attack is one', () => {
    expect(opensWith(states[2]?.to as Channel, messages[4] as Uint8Array)).toBe(true);
  });

  it('opens nothing after a renewal that its thief only listened to (backward secrecy)', () => {
    const { offered, answered } = renew(from, to);
    const later = talk(offered, answered, 3);
    const back = talk(answered, offered, 3);
    for (const message of [...later.messages, ...back.messages])
      for (const stolen of [from, to, states[0]?.to as Channel]) expect(opensWith(stolen, message)).toBe(false);
  });
});

describe('a renewal', () => {
  it('may be offered by either side, again and again', () => {
    const one = renew(patient, hospital, 'one');
    const two = renew(one.answered, one.offered, 'two');
    talk(two.offered, two.answered, 2);
    talk(two.answered, two.offered, 2);
    const keys = [patient, one.offered, two.answered].map(({ root }) => toHex(root));
    expect(new Set(keys).size).toBe(3);
  });

  it('counts on: a session does not outlive its limit by renewing', () => {
    const { offered } = renew(patient, hospital);
    expect([offered.sending.count, offered.receiving.count]).toEqual([1, 1]);
  });

  it('refuses an answer that sends the offer’s own key back, and a key off the curve', () => {
    const offer = value(offerRenewal(primitives, patient, bytesFrom('same', 48)));
    expect(answerRenewal(primitives, hospital, offer.message, bytesFrom('same', 48))).toMatchObject(
      refused('crypto-session.reflected'),
    );
    const offCurve = { ...primitives, publicKeyOf: () => new Uint8Array(33) as never };
    const bad = value(offerRenewal(offCurve, patient, bytesFrom('o', 48)));
    expect(answerRenewal(primitives, hospital, bad.message, bytesFrom('a', 48))).toMatchObject(
      refused('crypto-session.invalid-key'),
    );
  });

  it('is refused when altered or replayed', () => {
    const offer = value(offerRenewal(primitives, patient, bytesFrom('o', 48)));
    const answer = value(answerRenewal(primitives, hospital, offer.message, bytesFrom('a', 48)));
    const again = answerRenewal(primitives, answer.channel, offer.message, bytesFrom('b', 48));
    expect(again).toMatchObject(refused('crypto-session.wrong-keys'));
    const altered = answer.message.slice();
    altered[0] = (altered[0] as number) ^ 1;
    expect(completeRenewal(primitives, offer.state, altered)).toMatchObject(refused('crypto-session.wrong-keys'));
  });
});
