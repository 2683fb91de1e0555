import { equal, toHex } from '../../base/bytes.ts';
import { signingDigest } from '../../base/digest.ts';
import { ok, refuse } from '../../base/result.ts';
import { strangerUid, uidOf } from '../principal.ts';
import { deskPossessionBytes } from '../signed-words.ts';
import { desks } from '../state/desk-tables.ts';
import { isKeyFree } from './governance/hospital-keys.ts';
import { event, type Kind, NO_CONCERN } from './kind.ts';

/**
 * The receiving key of a hospital's emergency desk. Its secret lives on a staffed device and never on a node (PRIVACY.md, "Emergencies"). A new
 * key takes the place of the old: what patients granted to the old one opens nothing more.
 */
export const publishDeskKey: Kind<'publishDeskKey'> = {
  signatures: () => 1,
  asks: (setting, state) => [{ resource: uidOf(state, setting.sender) ?? strangerUid(setting.sender), context: {} }],
  concern: () => NO_CONCERN,
  apply: (setting, state, { receivingKey, possession }) => {
    const { primitives, chainId, sender, height } = setting;
    const before = desks.get(state, toHex(sender));
    if (
      (before !== undefined && equal(before.receivingKey, receivingKey)) ||
      !isKeyFree(primitives, state, receivingKey)
    )
      return refuse('desk.key-in-use');
    const digest = signingDigest(primitives, 'desk-possession', deskPossessionBytes(chainId, sender, receivingKey));
    if (!primitives.verify(digest, possession, receivingKey)) return refuse('desk.no-possession');
    desks.set(state, { receivingKey, sinceHeight: height }, toHex(sender));
    return ok([event('DeskKeyPublished', sender, sender)]);
  },
};
