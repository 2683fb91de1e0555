import { expect, it } from 'vitest';
import { height } from '../../src/base/brand.ts';
import type { EngineEffect, EngineInput } from '../../src/consensus/engine.ts';
import { decodeMessage, type QbftMessage } from '../../src/consensus/qbft/messages.ts';
import { voteDigest } from '../../src/consensus/vote.ts';
import { primitives } from './fakes.ts';
import { all, leader, parentOf, Solo, startOf, toy } from './solo.ts';

type Input = EngineInput<QbftMessage>;

/** Four validators, one queue, no delay: `who ← input → effects`. Messages are named by their sender. */
function happyRound(): string {
  const hosts = all.map((member) => new Solo(member, { signs: false }));
  const block = toy(leader(0));
  const name = (id: Uint8Array) => `v${all.findIndex((member) => member.id.join() === id.join())}`;
  const queue: [Solo, Input][] = [
    ...hosts.map((host): [Solo, Input] => [host, startOf()]),
    ...hosts.map((host): [Solo, Input] => [host, { type: 'due', parentHash: parentOf(height(1)) }]),
  ];
  const lines: string[] = [];

  const answer = (host: Solo, effect: EngineEffect): void => {
    if (effect.type === 'sign') {
      const signature = primitives.sign(voteDigest(primitives, effect.payload), host.self.secret);
      queue.push([host, { type: 'signed', payload: effect.payload, signature }]);
    } else if (effect.type === 'build') {
      const { round, parentHash } = effect;
      const { hash: blockHash, block: bytes } = block;
      queue.push([host, { type: 'built', round, parentHash, blockHash, block: bytes, changesSet: false }]);
    } else if (effect.type === 'judge') {
      queue.push([host, { type: 'judged', blockHash: effect.blockHash, valid: true, changesSet: false }]);
    } else if (effect.type === 'broadcast') {
      const message = decodeMessage(effect.message);
      if (!message.ok) throw new Error(message.rejection.code);
      for (const peer of hosts)
        if (peer !== host) queue.push([peer, { type: 'message', from: host.self.id, message: message.value }]);
    }
  };
  const said = (input: Input): string => {
    if (input.type === 'message') return `${input.message.type} of ${name(input.message.vote.validator)}`;
    return input.type === 'signed' ? `signed ${input.payload.type}` : input.type;
  };
  const done = (effect: EngineEffect): string => {
    if (effect.type === 'sign') return `sign ${effect.payload.type}`;
    if (effect.type === 'schedule') return `schedule ${effect.height}/${effect.round} in ${effect.delayMs} ms`;
    if (effect.type !== 'commit') return effect.type;
    return `commit by ${effect.certificate.signatures.map(({ validator }) => name(validator)).join(' ')}`;
  };

  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const [host, input] = next;
    const effects = host.feed(input);
    for (const effect of effects) answer(host, effect);
    lines.push(
      `${name(host.self.id)} ← ${said(input)}${effects.length > 0 ? ` → ${effects.map(done).join(', ')}` : ''}`,
    );
  }
  return lines.join('\n');
}

it('one height without faults: 1 leads, everyone prepares, everyone commits', () => {
  expect(happyRound()).toBe(
    `
v0 ← start → pace
v1 ← start → pace
v2 ← start → pace
v3 ← start → pace
v0 ← due → schedule 1/0 in 100 ms
v1 ← due → schedule 1/0 in 100 ms, build
v2 ← due → schedule 1/0 in 100 ms
v3 ← due → schedule 1/0 in 100 ms
v1 ← built → persist, sign proposal
v1 ← signed proposal → broadcast, persist, sign prepare
v0 ← proposal of v1 → judge
v2 ← proposal of v1 → judge
v3 ← proposal of v1 → judge
v1 ← signed prepare → broadcast
v0 ← judged → persist, sign prepare
v2 ← judged → persist, sign prepare
v3 ← judged → persist, sign prepare
v0 ← prepare of v1
v2 ← prepare of v1
v3 ← prepare of v1
v0 ← signed prepare → broadcast
v2 ← signed prepare → broadcast
v3 ← signed prepare → broadcast
v1 ← prepare of v0
v2 ← prepare of v0 → persist, sign commit
v3 ← prepare of v0 → persist, sign commit
v0 ← prepare of v2 → persist, sign commit
v1 ← prepare of v2 → persist, sign commit
v3 ← prepare of v2
v0 ← prepare of v3
v1 ← prepare of v3
v2 ← prepare of v3
v2 ← signed commit → broadcast
v3 ← signed commit → broadcast
v0 ← signed commit → broadcast
v1 ← signed commit → broadcast
v0 ← commit of v2
v1 ← commit of v2
v3 ← commit of v2
v0 ← commit of v3 → commit by v0 v2 v3
v1 ← commit of v3 → commit by v1 v2 v3
v2 ← commit of v3
v1 ← commit of v0
v2 ← commit of v0 → commit by v0 v2 v3
v3 ← commit of v0 → commit by v0 v2 v3
v0 ← commit of v1
v2 ← commit of v1
v3 ← commit of v1
`.trim(),
  );
});
