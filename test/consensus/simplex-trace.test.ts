import { expect, it } from 'vitest';
import { height } from '../../src/base/brand.ts';
import type { EngineEffect, EngineInput } from '../../src/consensus/engine.ts';
import { decodeMessage, type SimplexMessage } from '../../src/consensus/simplex/messages.ts';
import { voteDigest } from '../../src/consensus/vote.ts';
import { type Member, primitives } from './fakes.ts';
import { all, child, genesis, leaderAt, Solo, set } from './simplex-solo.ts';
import { GENESIS } from './simplex-world.ts';

type Input = EngineInput<SimplexMessage>;

/** Four validators, one queue, no delay: `who ← input → effects`. Messages are named by their sender. The child is never due. */
function happyView(): string {
  const hosts = all.map((member) => new Solo(member, { signs: false }));
  const block = child(genesis, leaderAt(0));
  const name = (id: Uint8Array) => `v${all.findIndex((member) => member.id.join() === id.join())}`;
  const queue: [Solo, Input][] = hosts.map((host): [Solo, Input] => [
    host,
    {
      type: 'start',
      height: height(1),
      parentHash: GENESIS,
      parentRound: null,
      validators: set,
      epoch: height(1),
      restored: null,
    },
  ]);
  const lines: string[] = [];

  const answer = (host: Solo, effect: EngineEffect): void => {
    const from = (host.self as Member).id;
    if (effect.type === 'sign') {
      const signature = primitives.sign(voteDigest(primitives, effect.payload), (host.self as Member).secret);
      queue.push([host, { type: 'signed', payload: effect.payload, signature }]);
    } else if (effect.type === 'pace' && effect.parentHash === GENESIS) {
      queue.push([host, { type: 'due', parentHash: effect.parentHash }]);
    } else if (effect.type === 'build') {
      const { round, parentHash } = effect;
      queue.push([
        host,
        { type: 'built', round, parentHash, blockHash: block.hash, block: block.block, changesSet: false },
      ]);
    } else if (effect.type === 'judge') {
      queue.push([host, { type: 'judged', blockHash: effect.blockHash, valid: true, changesSet: false }]);
    } else if (effect.type === 'broadcast') {
      const message = decodeMessage(effect.message);
      if (!message.ok) throw new Error(message.rejection.code);
      for (const peer of hosts)
        if (peer !== host) queue.push([peer, { type: 'message', from, message: message.value }]);
    }
  };
  const said = (input: Input): string => {
    if (input.type === 'message') return `${input.message.type} of ${name(input.from)}`;
    return input.type === 'signed' ? `signed ${input.payload.type}` : input.type;
  };
  const done = (effect: EngineEffect): string => {
    if (effect.type === 'sign') return `sign ${effect.payload.type}`;
    if (effect.type === 'schedule') return `schedule ${effect.height}/${effect.round} in ${effect.delayMs} ms`;
    if (effect.type === 'broadcast') {
      const message = decodeMessage(effect.message);
      return `broadcast ${message.ok ? message.value.type : ''}`;
    }
    if (effect.type !== 'commit') return effect.type;
    return `commit by ${effect.certificate.signatures.map(({ validator }) => name(validator)).join(' ')}`;
  };

  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const [host, input] = next;
    const effects = host.feed(input);
    for (const effect of effects) answer(host, effect);
    if (effects.length > 0)
      lines.push(`${name((host.self as Member).id)} ← ${said(input)} → ${effects.map(done).join(', ')}`);
  }
  return lines.join('\n');
}

it('one view without faults: 0 leads, everyone notarises, goes on to the next view, and finalises', () => {
  expect(happyView()).toBe(
    `
v0 ← start → pace
v1 ← start → pace
v2 ← start → pace
v3 ← start → pace
v0 ← due → build, schedule 1/0 in 100 ms, schedule 0/1 in 100 ms
v1 ← due → schedule 1/0 in 100 ms, schedule 0/1 in 100 ms
v2 ← due → schedule 1/0 in 100 ms, schedule 0/1 in 100 ms
v3 ← due → schedule 1/0 in 100 ms, schedule 0/1 in 100 ms
v0 ← built → persist, sign proposal
v0 ← signed proposal → broadcast proposal, persist, sign notarise
v1 ← proposal of v0 → judge
v2 ← proposal of v0 → judge
v3 ← proposal of v0 → judge
v0 ← signed notarise → broadcast notarise
v1 ← judged → persist, sign notarise
v2 ← judged → persist, sign notarise
v3 ← judged → persist, sign notarise
v1 ← signed notarise → broadcast notarise
v2 ← signed notarise → broadcast notarise
v3 ← signed notarise → broadcast notarise
v2 ← notarise of v1 → broadcast notarisation, persist, sign finalise, pace
v3 ← notarise of v1 → broadcast notarisation, persist, sign finalise, pace
v0 ← notarise of v2 → broadcast notarisation, persist, sign finalise, pace
v1 ← notarise of v2 → broadcast notarisation, persist, sign finalise, pace
v2 ← signed finalise → broadcast finalise
v3 ← signed finalise → broadcast finalise
v0 ← signed finalise → broadcast finalise
v1 ← signed finalise → broadcast finalise
v0 ← finalise of v3 → broadcast finalisation, commit by v0 v2 v3
v1 ← finalise of v3 → broadcast finalisation, commit by v1 v2 v3
v2 ← finalise of v0 → broadcast finalisation, commit by v0 v2 v3
v3 ← finalise of v0 → broadcast finalisation, commit by v0 v2 v3
`.trim(),
  );
});
