import { Random } from '../../../src/simulator/random.ts';
import type { Schema } from '../../../src/vm/schema/schema.ts';
import { entityJson } from './draw-entities.ts';
import { policyText } from './draw-policy.ts';
import type { World } from './draw-world.ts';
import { mutated } from './mutate-text.ts';
import * as official from './official.ts';
import * as ours from './ours.ts';
import { entitiesJson, mixedStyle, policySetTexts, requestJson } from './world-texts.ts';

/** How often each question was put to both engines. */
export interface Counts {
  requestsDecided: number;
  requestsAllowed: number;
  /** Requests on which a policy failed. */
  requestsWithErrors: number;
  policiesValidated: number;
  policiesInvalid: number;
  /** Links that we refuse and the official engine does not, for an id that an enumerated type does not list. */
  stricterLinks: number;
  entitiesValidated: number;
  requestsValidated: number;
  /** Requests decided with entities and context that only a schema can read. */
  decidedBySchema: number;
  /** Texts that may or may not be policies or a schema. */
  textsRead: number;
  textsAccepted: number;
  /** Printed anew, and read by the official engine as the same policy. */
  textsPrinted: number;
}

export const noCounts = (): Counts => ({
  requestsDecided: 0,
  requestsAllowed: 0,
  requestsWithErrors: 0,
  policiesValidated: 0,
  policiesInvalid: 0,
  stricterLinks: 0,
  entitiesValidated: 0,
  requestsValidated: 0,
  decidedBySchema: 0,
  textsRead: 0,
  textsAccepted: 0,
  textsPrinted: 0,
});

/** Where the two engines part: about what, and what each said. */
export interface Disagreement {
  readonly kind: string;
  readonly about: string;
  readonly ours: string;
  readonly official: string;
}

export interface Comparison {
  readonly counts: Counts;
  readonly disagreements: readonly Disagreement[];
}

/** Texts tried for each world that may or may not be policies. */
const MUTANTS = 2;
/** Of so many worlds one has its texts mutated, one has them printed, one its entities held against the schema. */
const MUTANTS_EVERY = 2;
const PRINTED_EVERY = 4;
const ENTITIES_EVERY = 3;
/** Requests of each world that are held against the schema. */
const REQUESTS_VALIDATED = 8;

/** Puts every question of a world to both engines. */
export function compare(world: World): Comparison {
  const comparing = new Comparing(world);
  comparing.all();
  return comparing;
}

class Comparing implements Comparison {
  readonly counts = noCounts();
  readonly disagreements: Disagreement[] = [];
  readonly #world: World;
  readonly #texts: official.PolicySetTexts;

  constructor(world: World) {
    this.#world = world;
    this.#texts = policySetTexts(world);
  }

  all(): void {
    if (this.#world.seed % MUTANTS_EVERY === 0) this.#mutants();
    if (this.#world.seed % PRINTED_EVERY === 1) this.#printed();
    const policies = this.#both('policies', official.usePolicies(this.#texts), ours.policiesOf(this.#texts));
    const schema = this.#both(
      'schema',
      official.useSchema(this.#world.schemaText),
      ours.schemaOf(this.#world.schemaText),
    );
    if (policies !== undefined) this.#decisions(policies);
    if (schema === undefined) return;
    if (policies !== undefined) this.#validation(schema, policies);
    if (this.#world.seed % ENTITIES_EVERY === 0) this.#entities(schema);
    this.#requests(schema);
    if (policies !== undefined) this.#decisionsBySchema(schema, policies);
  }

  #hold(kind: string, about: string, own: unknown, theirs: unknown): void {
    const [one, other] = [JSON.stringify(own), JSON.stringify(theirs)];
    if (one !== other) this.disagreements.push({ kind, about, ours: one, official: other });
  }

  /** Do both accept, or both refuse? */
  #verdict(kind: string, about: string, own: official.Refused | undefined, theirs: official.Refused | undefined): void {
    if ((own === undefined) === (theirs === undefined)) return;
    this.disagreements.push({
      kind,
      about,
      ours: own?.refused ?? 'accepted',
      official: theirs?.refused ?? 'accepted',
    });
  }

  /** What we read, where both read it. */
  #both<T>(kind: string, theirs: official.Refused | undefined, own: ours.Read<T>): T | undefined {
    this.#verdict(kind, 'reading', ours.refusalOf(own), theirs);
    return own.ok && theirs === undefined ? own.value : undefined;
  }

  #decisions(policies: ours.OurPolicies): void {
    const json = entitiesJson(this.#world);
    const entities = ours.entitiesOf(json);
    for (const [i, request] of this.#world.requests.entries()) {
      const text = requestJson(request);
      const theirs = official.authorize(text, json);
      if (official.isRefused(theirs) || !entities.ok) {
        this.#verdict(
          'entities',
          `request ${i}`,
          ours.refusalOf(entities),
          official.isRefused(theirs) ? theirs : undefined,
        );
        continue;
      }
      this.counts.requestsDecided++;
      if (theirs.decision === 'allow') this.counts.requestsAllowed++;
      if (theirs.errors.length > 0) this.counts.requestsWithErrors++;
      this.#answers(
        '',
        `request ${i}`,
        ours.authorize(policies, ours.accepted(ours.requestOf(text)), entities.value),
        theirs,
      );
    }
  }

  #answers(kind: string, about: string, own: official.Answer, theirs: official.Answer): void {
    for (const part of ['decision', 'reason', 'errors'] as const)
      this.#hold(`${kind}${part}`, about, own[part], theirs[part]);
  }

  #validation(schema: Schema, policies: ours.OurPolicies): void {
    const invalid = official.invalidPolicies(this.#world.schemaText, this.#texts);
    if (official.isRefused(invalid)) {
      this.#verdict('validation', 'validating', undefined, invalid);
      return;
    }
    const templateOf = new Map(this.#texts.templateLinks.map(({ newId, templateId }) => [newId, templateId]));
    for (const id of policies.all.keys()) {
      this.counts.policiesValidated++;
      const template = templateOf.get(id);
      const own = this.#problemsOf(schema, policies, id);
      // A link is checked as its template is; what is wrong with both, the official engine tells of the template alone.
      const problems = template === undefined ? own : [...own, ...this.#problemsOf(schema, policies, template)];
      const theirs = invalid.has(id) || (template !== undefined && invalid.has(template));
      if (theirs) this.counts.policiesInvalid++;
      if (template !== undefined && !theirs && problems.every((code) => code === 'vm-validate.unknown-id')) {
        // What fills a slot must be an id that its type lists: we look, the official engine does not.
        if (problems.length > 0) this.counts.stricterLinks++;
        continue;
      }
      const about = JSON.stringify(id);
      if (problems.length > 0 !== theirs) this.#hold('validation', about, problems, theirs ? 'errors' : 'no errors');
      // The wasm offers no permissive mode, but what passes the strict one passes it.
      if (problems.length > 0) continue;
      this.#hold('permissive', about, ours.problemsOf(schema, policies.all.get(id) as ours.Parsed, 'permissive'), []);
    }
  }

  #problemsOf(schema: Schema, { all }: ours.OurPolicies, id: string): readonly string[] {
    return ours.problemsOf(schema, all.get(id) as ours.Parsed, 'strict');
  }

  #entities(schema: Schema): void {
    const style = mixedStyle(this.#world.seed);
    const texts = this.#world.entities.map((entity) => entityJson(entity, style));
    // Reading a schema costs the official engine most: one by one only where it refuses them together.
    const allValid = official.entitiesRefusal(this.#world.schemaText, texts) === undefined;
    for (const text of texts) {
      this.counts.entitiesValidated++;
      const theirs = allValid ? undefined : official.entitiesRefusal(this.#world.schemaText, [text]);
      this.#verdict('entity', text, ours.entityRefusal(schema, text), theirs);
    }
  }

  #requests(schema: Schema): void {
    const style = mixedStyle(this.#world.seed + 1);
    for (const request of this.#world.requests.slice(0, REQUESTS_VALIDATED)) {
      const json = requestJson(request, style);
      this.counts.requestsValidated++;
      this.#verdict('request', json, ours.requestRefusal(schema, json), official.requestRefusal(json));
    }
  }

  #decisionsBySchema(schema: Schema, policies: ours.OurPolicies): void {
    const style = mixedStyle(this.#world.seed + 2);
    const json = entitiesJson(this.#world, style);
    const entities = ours.entitiesBySchema(schema, json);
    for (const [i, request] of this.#world.requests.slice(0, 2).entries()) {
      const text = requestJson(request, style);
      const theirs = official.authorizeBySchema(text, json);
      const asked = ours.requestBySchema(schema, text);
      const about = `request ${i}, by the schema`;
      const refused = official.isRefused(theirs) ? theirs : undefined;
      this.#verdict('by-schema', about, ours.refusalOf(entities) ?? ours.refusalOf(asked), refused);
      if (official.isRefused(theirs) || !entities.ok || !asked.ok) continue;
      this.counts.decidedBySchema++;
      this.#answers('by-schema ', about, ours.authorize(policies, asked.value, entities.value), theirs);
    }
  }

  #mutants(): void {
    const random = new Random(this.#world.seed);
    const texts = [this.#world.policies.map(policyText).join('\n')];
    for (let i = 0; i < MUTANTS; i++) texts.push(mutated(random, texts[0] as string));
    for (const text of texts) this.#read('text', text, ours.policiesRefusal(text), official.policiesRefusal(text));
    const schema = mutated(random, this.#world.schemaText);
    this.#read('schema-text', schema, ours.refusalOf(ours.schemaOf(schema)), official.schemaRefusal(schema));
  }

  #read(kind: string, text: string, own: official.Refused | undefined, theirs: official.Refused | undefined): void {
    this.counts.textsRead++;
    if (theirs === undefined) this.counts.textsAccepted++;
    this.#verdict(kind, text, own, theirs);
  }

  #printed(): void {
    for (const [texts, isTemplate] of [
      [this.#texts.staticPolicies, false],
      [this.#texts.templates, true],
    ] as const)
      for (const text of Object.values(texts)) {
        const printed = ours.printed(text);
        if (printed === undefined) continue;
        this.counts.textsPrinted++;
        const meaning = official.meaningOf(text, isTemplate);
        this.#hold('printed', `${text}\n-- printed --\n${printed}`, official.meaningOf(printed, isTemplate), meaning);
        this.#hold('policy JSON', text, ours.meaningOf(text), meaning);
        this.#hold('printed again', printed, ours.printed(printed), printed);
      }
  }
}
