import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hash } from '../../../src/base/brand.ts';
import { concat, equal, toHex, utf8 } from '../../../src/base/bytes.ts';
import { decode, encode } from '../../../src/base/canonical.ts';
import type { Primitives } from '../../../src/base/primitives.ts';
import { CRYPTO_LIMITS } from '../../../src/crypto/limits.ts';
import { noblePrimitives } from '../../../src/crypto/noble.ts';
import { openMessage, sealMessage } from '../../../src/crypto/session/channel.ts';
import { accept, confirm, finish, initiate, respond } from '../../../src/crypto/session/handshake.ts';
import { bytesFrom } from '../support/vectors.ts';
import { chainId, entropyOf, keyOf, meet, partyOf, primitives, refused, value } from './meeting.ts';

const first = value(meet());
const [m1, m2, m3, m4] = first.messages as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
const second = value(meet({ label: 'another meeting' }));

describe('a patient and a hospital who mean each other', () => {
  it('have the same keys, each in its direction, and the hospital knows who asks', () => {
    expect(first.peer).toEqual(keyOf('patient'));
    expect(first.patient.sending).toEqual(first.hospital.receiving);
    expect(first.patient.receiving).toEqual(first.hospital.sending);
    expect(first.patient.root).toEqual(first.hospital.root);
    const asked = value(sealMessage(primitives, first.patient, utf8('what do you hold of me')));
    expect(toHex(value(openMessage(primitives, first.hospital, asked.message)).text)).toBe(
      toHex(utf8('what do you hold of me')),
    );
  });

  it('have other keys at every meeting', () => {
    const keys = [first, second].flatMap(({ patient }) => [patient.sending.key, patient.receiving.key, patient.root]);
    expect(new Set(keys.map(toHex)).size).toBe(6);
  });

  it('may run different implementations', () => {
    const mixed = value(meet({ patientPrimitives: noblePrimitives }));
    expect(mixed.messages).toEqual(first.messages);
  });

  it('show who the patient is to nobody between', () => {
    const wire = toHex(concat(...first.messages));
    expect(wire).not.toContain(toHex(keyOf('patient')));
    expect(wire).not.toContain(toHex(keyOf('hospital')));
  });
});

describe('an impostor', () => {
  it('who answers for the hospital with a key of his own is refused, and learns not who asked', () => {
    const hello = initiate(primitives, partyOf('patient'), keyOf('hospital'), entropyOf('p'));
    const reply = value(respond(primitives, partyOf('impostor'), entropyOf('i'), hello.message));
    expect(finish(primitives, hello.state, reply.message)).toMatchObject(refused('crypto-session.wrong-peer'));
  });

  it('who passes the hospital’s own proof on under another key exchange is refused', () => {
    const hello = initiate(primitives, partyOf('patient'), keyOf('hospital'), entropyOf('p'));
    // He asks the hospital himself, and hands its sealed proof on with his ephemeral key, then with its.
    const his = initiate(primitives, partyOf('impostor'), keyOf('hospital'), entropyOf('i'));
    const honest = value(respond(primitives, partyOf('hospital'), entropyOf('h'), his.message)).message;
    expect(finish(primitives, hello.state, honest)).toMatchObject(refused('crypto-session.wrong-keys'));
  });

  it('who says that he is the patient without the patient’s key is refused', () => {
    const reply = value(respond(primitives, partyOf('hospital'), entropyOf('h'), m1));
    expect(accept(primitives, reply.state, m3)).toMatchObject(refused('crypto-session.wrong-keys'));
    const asHimself = value(meet({ patient: partyOf('impostor') }));
    expect(asHimself.peer).toEqual(keyOf('impostor'));
  });

  it('who signs as himself and writes the patient’s key is refused', () => {
    const liar: Primitives = {
      ...primitives,
      publicKeyOf: (secret) =>
        equal(secret, partyOf('impostor').secret) ? keyOf('patient') : primitives.publicKeyOf(secret),
    };
    const meeting = meet({ patient: partyOf('impostor'), patientPrimitives: liar });
    expect(meeting).toMatchObject(refused('crypto-session.bad-signature'));
  });
});

describe('the wrong party', () => {
  it('is refused: another hospital than the one meant', () => {
    expect(meet({ hospital: partyOf('hospital B'), expected: keyOf('hospital') })).toMatchObject(
      refused('crypto-session.wrong-peer'),
    );
  });

  it('is refused: a hospital of another chain', () => {
    const elsewhere = { ...partyOf('hospital'), chainId: bytesFrom('other chain', 32) as Hash };
    expect(meet({ hospital: elsewhere })).toMatchObject(refused('crypto-session.malformed'));
  });

  it('cannot be made to believe in a session that the patient has with somebody else', () => {
    // The patient means E, who relays everything to the hospital: E’s reply would have to carry E’s proof under the hospital’s keys.
    const hello = initiate(primitives, partyOf('patient'), keyOf('E'), entropyOf('p'));
    const relayed = value(respond(primitives, partyOf('hospital'), entropyOf('h'), hello.message));
    expect(finish(primitives, hello.state, relayed.message)).toMatchObject(refused('crypto-session.wrong-peer'));
  });
});

describe('a reflection', () => {
  it('of the hello as a reply is refused', () => {
    const hello = initiate(primitives, partyOf('patient'), keyOf('patient'), entropyOf('p'));
    const { ephemeral, nonce } = hello.state.hello;
    const echo = encode({ step: 2, ephemeral, nonce, sealed: bytesFrom('x', 200) });
    expect(finish(primitives, hello.state, echo)).toMatchObject(refused('crypto-session.reflected'));
    expect(finish(primitives, hello.state, hello.message)).toMatchObject(refused('crypto-session.malformed'));
  });

  it('of the responder’s proof as the initiator’s is refused', () => {
    const reply = value(respond(primitives, partyOf('hospital'), entropyOf('h'), m1));
    const { sealed } = value(decode(reply.message, CRYPTO_LIMITS.handshakeBytesMax)) as { sealed: Uint8Array };
    expect(accept(primitives, reply.state, encode({ step: 3, sealed }))).toMatchObject(
      refused('crypto-session.wrong-keys'),
    );
  });

  it('of a party to itself is refused: nobody has a session with himself', () => {
    expect(meet({ patient: partyOf('hospital') })).toMatchObject(refused('crypto-session.reflected'));
  });

  it('of a message of the channel is refused', () => {
    const { message } = value(sealMessage(primitives, first.patient, utf8('x')));
    expect(openMessage(primitives, first.patient, message)).toMatchObject(refused('crypto-session.wrong-keys'));
  });
});

describe('a replay', () => {
  it.each([1, 2, 3, 4] as const)('of message %i of another meeting gives no session', (step) => {
    const old = second.messages[step - 1] as Uint8Array;
    const meeting = meet({ way: (message, at) => (at === step ? old : message) });
    expect(meeting).toMatchObject(refused('crypto-session.wrong-keys'));
  });

  it('of all that a patient once sent gives no session: the hospital’s share is new', () => {
    const again = value(respond(primitives, partyOf('hospital'), entropyOf('later'), m1));
    expect(accept(primitives, again.state, m3)).toMatchObject(refused('crypto-session.wrong-keys'));
  });

  it('of all that a hospital once sent gives none: the patient’s is', () => {
    const later = initiate(primitives, partyOf('patient'), keyOf('hospital'), entropyOf('later'));
    expect(finish(primitives, later.state, m2)).toMatchObject(refused('crypto-session.wrong-keys'));
  });
});

describe('a changed bit', () => {
  it('in any of the four messages gives no session', () => {
    const bits = fc
      .tuple(fc.integer({ min: 0, max: 3 }), fc.nat())
      .map(([at, n]) => [at, n % (8 * (first.messages[at] as Uint8Array).length)] as const);
    fc.assert(
      fc.property(bits, ([at, bit]) => {
        const meeting = meet({
          way: (message, step) => {
            if (step !== at + 1) return message;
            const changed = message.slice();
            changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
            return changed;
          },
        });
        expect(meeting.ok).toBe(false);
      }),
      { numRuns: 150 },
    );
  });

  it('or a message cut short, of another step, empty or too long (handshakeBytesMax) is malformed', () => {
    const malformed = refused('crypto-session.malformed');
    for (const bad of [m1.slice(1), m2, m3, m4, new Uint8Array(0), new Uint8Array(CRYPTO_LIMITS.handshakeBytesMax + 1)])
      expect(respond(primitives, partyOf('hospital'), entropyOf('h'), bad)).toMatchObject(malformed);
    const hello = initiate(primitives, partyOf('patient'), keyOf('hospital'), entropyOf('p'));
    for (const bad of [m1, m3, m4]) expect(finish(primitives, hello.state, bad)).toMatchObject(malformed);
    const reply = value(respond(primitives, partyOf('hospital'), entropyOf('h'), m1));
    for (const bad of [m1, m2, m4]) expect(accept(primitives, reply.state, bad)).toMatchObject(malformed);
  });

  it('an ephemeral key off the curve is refused by either side', () => {
    const off = new Uint8Array(33);
    const nonce = bytesFrom('n', 32);
    const hello = encode({ step: 1, version: 1, chainId, ephemeral: off, nonce });
    expect(respond(primitives, partyOf('hospital'), entropyOf('h'), hello)).toMatchObject(
      refused('crypto-session.invalid-key'),
    );
    const own = initiate(primitives, partyOf('patient'), keyOf('hospital'), entropyOf('p'));
    const reply = encode({ step: 2, ephemeral: off, nonce, sealed: bytesFrom('s', 200) });
    expect(finish(primitives, own.state, reply)).toMatchObject(refused('crypto-session.invalid-key'));
  });
});

describe('the confirmation', () => {
  it('of another session does not open the channel', () => {
    const hello = initiate(primitives, partyOf('patient'), keyOf('hospital'), entropyOf('p'));
    const reply = value(respond(primitives, partyOf('hospital'), entropyOf('h'), hello.message));
    const { state } = value(finish(primitives, hello.state, reply.message));
    expect(confirm(state, m4)).toMatchObject(refused('crypto-session.wrong-keys'));
    expect(confirm(state, encode({ step: 4, confirmation: new Uint8Array(32) }))).toMatchObject(
      refused('crypto-session.wrong-keys'),
    );
  });
});

describe('the cost (docs/specification/session.md)', () => {
  const counting = () => {
    const counts = { sign: 0, verify: 0, ecdh: 0, publicKeyOf: 0 };
    const counted: Primitives = { ...primitives };
    for (const name of Object.keys(counts) as (keyof typeof counts)[])
      Object.assign(counted, {
        [name]: (...args: unknown[]) => {
          counts[name]++;
          return (primitives[name] as (...all: unknown[]) => unknown)(...args);
        },
      });
    return { counts, counted };
  };

  it('is one signature, one verification, one Diffie-Hellman a side, and the bytes that the page says', () => {
    const patient = counting();
    const hospital = counting();
    value(meet({ patientPrimitives: patient.counted, hospitalPrimitives: hospital.counted }));
    expect(patient.counts).toEqual({ sign: 1, verify: 1, ecdh: 1, publicKeyOf: 2 });
    expect(hospital.counts).toEqual({ sign: 1, verify: 1, ecdh: 1, publicKeyOf: 3 });
    expect(first.messages.map(({ length }) => length)).toEqual([143, 277, 192, 54]);
  });
});
