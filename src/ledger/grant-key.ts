import { toHex } from '../base/bytes.ts';
import type { Grantee } from './families/payloads.ts';

/**
 * The tag under which a patient's grant to one grantee for one category stands (CHAIN.md, "Policy and gas"). A second grant
 * for the pair replaces the first.
 */
export const grantKeyOf = (grantee: Grantee, category: Uint8Array): string =>
  `${granteeKeyOf(grantee)}:${toHex(category)}`;

/** The same without the category: what all grants to one grantee begin with. */
export const granteeKeyOf = ({ type, id }: Grantee): string => `${type}:${id}`;
