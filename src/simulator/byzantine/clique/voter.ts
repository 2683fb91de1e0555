import type { Hash, Height, Round } from '../../../base/brand.ts';
import { equal } from '../../../base/bytes.ts';
import { type CliqueMessage, encodeMessage } from '../../../consensus/clique/messages.ts';
import { type CliqueState, headLink } from '../../../consensus/clique/state.ts';
import type { EngineEffect } from '../../../consensus/engine.ts';
import type { Alter } from '../altered.ts';
import type { Traitor } from '../behaviour.ts';
import { Forge } from '../forge.ts';

const LIES = ['wrong-parent', 'far-head', 'needless-acknowledgement', 'heavier-head'] as const;
const FAR = 500;

/** Says that its blocks stand where they do not, that its head is far above, and acknowledges what needs none. */
export function lyingCliqueVoter(traitor: Traitor): Alter {
  const { random, id, engine } = traitor;
  const forge = new Forge(traitor);

  const told = (message: CliqueMessage): readonly EngineEffect[] => [
    { type: 'broadcast', message: encodeMessage(message) },
  ];
  const seal = (type: 'seal' | 'ack', height: number, round: number, hash: Hash, preparedHash: Hash | null) =>
    forge.sign({
      ...{ type, height: height as Height, round: round as Round },
      ...{ blockHash: hash, preparedRound: null, preparedHash },
    });

  const instead = (state: CliqueState, effect: EngineEffect): readonly EngineEffect[] => {
    const message = effect.type === 'broadcast' ? engine.decodeMessage(effect.message) : null;
    if (!message?.ok || random.chance(0.5)) return [effect];
    const said = message.value as CliqueMessage;
    const head = headLink(state);
    const lie = random.pick(LIES);
    if (said.type === 'block' && lie === 'wrong-parent' && equal(said.seal.validator, id))
      return [...told({ ...said, parentHash: random.chance(0.5) ? state.root.id : said.seal.blockHash }), effect];
    if (said.type !== 'head') return [effect];
    if (lie === 'far-head')
      return told({ type: 'head', seal: seal('seal', head.height + FAR, head.round + FAR, head.id, null) });
    if (lie === 'heavier-head')
      return told({ type: 'head', seal: seal('seal', head.height, head.round + 1, head.id, null) });
    const { id: on, height, round } = head;
    return [...told({ type: 'ack', seal: seal('ack', height, round + random.integer(1, 2), on, on) }), effect];
  };

  return ({ state, effects }) => effects.flatMap((effect) => instead(state as CliqueState, effect));
}
