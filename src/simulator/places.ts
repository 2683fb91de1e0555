import type { NodeKey } from '../ledger/tree/types.ts';
import { stateKey, treeNodeKey } from '../storage/key-space.ts';

const latin1Slice = Buffer.prototype.latin1Slice;

/** One character a byte: these strings sort as the bytes do. */
export const placeOf = (key: Uint8Array): string => latin1Slice.call(key, 0, key.length);

/** Names remembered at a time: those of a few runs. */
const PLACES_MAX = 65_536;

/** What a name gives, worked out once: the runs of a campaign, and the nodes of a run, ask for the same rows again and again. */
function remembered(places: Map<string, string>, name: string, keyFor: () => Uint8Array): string {
  const known = places.get(name);
  if (known !== undefined) return known;
  if (places.size >= PLACES_MAX) places.clear();
  const place = placeOf(keyFor());
  places.set(name, place);
  return place;
}

const ofState = new Map<string, string>();
const ofNodes = new Map<string, string>();

/** Where the value of a state key stands. */
export const placeOfState = (key: string): string => remembered(ofState, key, () => stateKey(key));

/** Where a node of the tree stands. */
export const placeOfNode = (key: NodeKey): string =>
  remembered(ofNodes, `${key.version}/${key.path}`, () => treeNodeKey(key));
