import { PURPOSES, type Purpose } from '../../ledger/vocabulary.ts';
import type { ConsentCode } from '../codes.ts';
import { field, isMap, type JsonMap } from '../json.ts';
import { OWN, SYSTEMS } from '../terms.ts';
import { type Span, spanOf } from '../times.ts';
import { readCategories } from './read-data.ts';
import { readParty } from './read-party.ts';
import type { Reading } from './reading.ts';
import type { Action, GrantedCategory, Listed, Rule } from './rule.ts';
import type { ConsentFinding, ConsentParty, ConsentSetting, Label } from './types.ts';

/** R4, Consent.provision. Whatever else stands there could be a limit. */
const ELEMENTS: ReadonlySet<string> = new Set(
  'id extension modifierExtension type period actor action securityLabel purpose class code dataPeriod data provision'.split(
    ' ',
  ),
);
const UNKNOWN_LIMITS: readonly (readonly [element: string, code: ConsentCode])[] = [
  ['class', 'fhir-consent.class'],
  ['code', 'fhir-consent.code'],
  ['dataPeriod', 'fhir-consent.data-period'],
];
const ACTIONS: readonly string[] = ['access', 'collect', 'correct'] satisfies Action[];
const LABELS: readonly string[] = ['N', 'R', 'V'] satisfies Label[];

/** Reads a provision and what nests in it, in the words of this chain. */
export function readRule(reading: Reading, map: JsonMap, setting: ConsentSetting, path = 'Consent.provision'): Rule {
  for (const name of Object.keys(map))
    if (!ELEMENTS.has(name)) reading.fail(`${path}.${name}`, 'fhir-consent.unknown-element');
  const gaps: ConsentFinding[] = [];
  const obstacles: ConsentFinding[] = UNKNOWN_LIMITS.filter(([element]) => field(map, element) !== undefined).map(
    ([element, code]) => refused(code, `${path}.${element}`),
  );
  const period = reading.map(map, 'period', path);
  return {
    path,
    type: readType(reading, map, path),
    parties: readParties(reading, map, setting, path, gaps),
    actions: readActions(reading, map, path, gaps),
    purposes: readPurposes(reading, map, path, gaps),
    ...readLabels(reading, map, path, obstacles),
    categories: readData(reading, map, setting, path, gaps),
    start: period === null ? null : readTime(reading, period, 'start', `${path}.period`),
    end: period === null ? null : readTime(reading, period, 'end', `${path}.period`),
    uses: readUses(reading, map, path),
    obstacles,
    gaps,
    nested: (reading.maps(map, 'provision', path) ?? []).map((inner, index) =>
      readRule(reading, inner, setting, `${path}.provision[${index}]`),
    ),
  };
}

export const refused = (code: ConsentCode, path: string): ConsentFinding => ({ code, path, effect: 'refused' });

function readType(reading: Reading, map: JsonMap, path: string): 'permit' | 'deny' | null {
  const type = reading.text(map, 'type', path);
  if (type === 'permit' || type === 'deny' || type === null) return type;
  reading.fail(`${path}.type`);
  return null;
}

/** Keeps what is understood of a list, and notes the rest. */
function listed<T>(
  items: readonly { readonly value: T | ConsentCode; readonly path: string; readonly isKnown: boolean }[],
  gaps: ConsentFinding[],
): Listed<T> {
  for (const item of items) if (!item.isKnown) gaps.push(refused(item.value as ConsentCode, item.path));
  const known = items.filter(({ isKnown }) => isKnown).map(({ value }) => value as T);
  return { known, isWhole: known.length === items.length };
}

function readParties(
  reading: Reading,
  map: JsonMap,
  setting: ConsentSetting,
  path: string,
  gaps: ConsentFinding[],
): Listed<ConsentParty> | null {
  const actors = reading.maps(map, 'actor', path);
  if (actors === null) return null;
  return listed(
    actors.map((actor, index) => {
      const at = `${path}.actor[${index}]`;
      const party = readParty(reading, actor, setting, at);
      return { value: party, path: at, isKnown: typeof party !== 'string' };
    }),
    gaps,
  );
}

function readActions(reading: Reading, map: JsonMap, path: string, gaps: ConsentFinding[]): Listed<Action> | null {
  const actions = reading.maps(map, 'action', path);
  if (actions === null) return null;
  return listed<Action>(
    actions.map((action, index) => {
      const at = `${path}.action[${index}]`;
      const code = reading.codeOf(action, SYSTEMS.consentAction, at);
      const isKnown = code !== null && ACTIONS.includes(code);
      return { value: isKnown ? (code as Action) : 'fhir-consent.action', path: at, isKnown };
    }),
    gaps,
  );
}

function readPurposes(reading: Reading, map: JsonMap, path: string, gaps: ConsentFinding[]): Listed<Purpose> | null {
  const purposes = reading.maps(map, 'purpose', path);
  if (purposes === null) return null;
  return listed<Purpose>(
    purposes.map((coding, index) => {
      const at = `${path}.purpose[${index}]`;
      const code = reading.text(coding, 'code', at);
      const isKnown = reading.text(coding, 'system', at) === SYSTEMS.purpose && PURPOSES.includes(code as Purpose);
      return { value: isKnown ? (code as Purpose) : 'fhir-consent.purpose', path: at, isKnown };
    }),
    gaps,
  );
}

function readLabels(
  reading: Reading,
  map: JsonMap,
  path: string,
  obstacles: ConsentFinding[],
): Pick<Rule, 'labels' | 'sensitivities'> {
  const labels: Label[] = [];
  const sensitivities: string[] = [];
  for (const [index, coding] of (reading.maps(map, 'securityLabel', path) ?? []).entries()) {
    const at = `${path}.securityLabel[${index}]`;
    const system = reading.text(coding, 'system', at);
    const code = reading.text(coding, 'code', at);
    if (system === SYSTEMS.confidentiality && LABELS.includes(code ?? '')) labels.push(code as Label);
    else if (system === SYSTEMS.actCode && code !== null) sensitivities.push(code);
    else obstacles.push(refused('fhir-consent.label', at));
  }
  return { labels, sensitivities };
}

function readData(
  reading: Reading,
  map: JsonMap,
  setting: ConsentSetting,
  path: string,
  gaps: ConsentFinding[],
): Listed<GrantedCategory> | null {
  const data = reading.maps(map, 'data', path);
  return data === null ? null : listed<GrantedCategory>(readCategories(reading, data, setting, path), gaps);
}

function readTime(reading: Reading, period: JsonMap, name: 'start' | 'end', path: string): Span | null {
  const text = reading.text(period, name, path);
  if (text === null) return null;
  const span = spanOf(text);
  if (span === undefined) reading.fail(`${path}.${name}`);
  return span ?? null;
}

/** Our own limit on uses is the one modifier that is understood (`OWN.uses`). */
function readUses(reading: Reading, map: JsonMap, path: string): number | null {
  const modifiers = reading.maps(map, 'modifierExtension', path);
  if (modifiers === null) return null;
  const [only, ...others] = modifiers;
  const value = only !== undefined && isMap(only) ? field(only, 'valueUnsignedInt') : undefined;
  const isOurs = only !== undefined && others.length === 0 && field(only, 'url') === OWN.uses;
  if (isOurs && typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value <= 1_000_000)
    return value;
  reading.fail(`${path}.modifierExtension`, 'fhir-consent.modifier');
  return null;
}
