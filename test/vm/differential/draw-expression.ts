import type { Random } from '../../../src/simulator/random.ts';
import type { SchemaType } from '../../../src/vm/schema/schema.ts';
import { constructorOf, drawDatum, drawExtensionText, drawText, type Uid } from './datum.ts';
import { idOf } from './draw-entities.ts';
import { type Path, pathsOf, type Scene, typeKey } from './scene.ts';
import { hole, LEVEL, leaf, type Term, term, textOf } from './term.ts';
import { attributeKey, datumText, escaped, isPlainName, literalText, uidText } from './write-cedar.ts';

const BOOL: SchemaType = { kind: 'bool' };
const LONG: SchemaType = { kind: 'long' };
const STRING: SchemaType = { kind: 'string' };
const SIMPLE: readonly SchemaType[] = [
  BOOL,
  LONG,
  STRING,
  ...(['decimal', 'ipaddr', 'datetime', 'duration'] as const).map((kind) => ({ kind })),
];

/** How often a drawn part is of another type than it should be, an optional attribute unguarded, a name unknown. */
const MISTAKES = 0.012;

const COMPARISONS: Readonly<Record<string, readonly string[]>> = {
  decimal: ['lessThan', 'lessThanOrEqual', 'greaterThan', 'greaterThanOrEqual'],
  ipaddr: ['isInRange'],
};
const TESTS = ['isIpv4', 'isIpv6', 'isLoopback', 'isMulticast'];
const PARTS_OF_DURATION = ['toMilliseconds', 'toSeconds', 'toMinutes', 'toHours', 'toDays'];

/** Draws expressions that fit a scene: most are what the validator wants, some are not. */
export class ExpressionDrawing {
  readonly #random: Random;
  readonly #scene: Scene;
  readonly #paths: readonly Path[];
  /** Tests that the terms drawn since the nearest boolean need before them. */
  #guards: Term[] = [];

  constructor(random: Random, scene: Scene) {
    this.#random = random;
    this.#scene = scene;
    this.#paths = pathsOf(random, scene);
  }

  condition(): Term {
    return this.#bool(this.#random.integer(1, 5));
  }

  #draw(wanted: SchemaType, depth: number): Term {
    const random = this.#random;
    const type = random.chance(MISTAKES) ? random.pick(SIMPLE) : wanted;
    if (type.kind === 'bool') return this.#bool(depth);
    if (depth > 0 && random.chance(0.07)) return this.#choice(type, depth - 1);
    if (random.chance(0.55)) {
      const path = this.#path(type);
      if (path !== undefined) return path;
    }
    if (depth > 0 && random.chance(0.6)) {
      const made = this.#made(type, depth - 1);
      if (made !== undefined) return made;
    }
    return this.#literal(type, depth);
  }

  /** A boolean, behind the tests that its parts need. */
  #bool(depth: number): Term {
    const outer = this.#guards;
    this.#guards = [];
    const drawn = this.#unguarded(depth);
    const guards = this.#random.chance(4 * MISTAKES) ? [] : this.#guards;
    this.#guards = outer;
    return guards.reduceRight<Term>(
      (rest, guard) => term('bool', LEVEL.and, '% && %', hole(guard, LEVEL.and), hole(rest, LEVEL.relation)),
      drawn,
    );
  }

  #unguarded(depth: number): Term {
    const random = this.#random;
    if (depth === 0) return this.#path(BOOL) ?? leaf('bool', LEVEL.primary, String(random.chance(0.5)));
    const [d, type] = [depth - 1, this.#anyType()];
    switch (random.integer(0, 15)) {
      case 0:
      case 1:
        return term('bool', LEVEL.and, '% && %', hole(this.#bool(d), LEVEL.and), hole(this.#bool(d), LEVEL.relation));
      case 2:
      case 3:
        return term('bool', LEVEL.or, '% || %', hole(this.#bool(d), LEVEL.or), hole(this.#bool(d), LEVEL.and));
      case 4:
        return term('bool', LEVEL.unary, '!%', hole(this.#bool(d), LEVEL.member));
      case 5:
        return this.#choice(BOOL, d);
      case 6:
      case 7:
        return this.#relation(random.pick(['==', '!=']), this.#draw(type, d), this.#draw(type, d));
      case 8: {
        const ordered = random.pick<SchemaType>([LONG, LONG, { kind: 'datetime' }, { kind: 'duration' }]);
        return this.#relation(random.pick(['<', '<=', '>', '>=']), this.#draw(ordered, d), this.#draw(ordered, d));
      }
      case 9:
        return this.#membership(d);
      case 10:
        return this.#collection(type, d);
      case 11:
        return term(
          'bool',
          LEVEL.relation,
          '% like %',
          hole(this.#draw(STRING, d), LEVEL.add),
          hole(this.#pattern(), 0),
        );
      case 12:
        return this.#isType(d);
      case 13:
        return this.#has(d);
      case 14:
        return this.#extensionTest(d);
      default:
        return this.#path(BOOL) ?? this.#bool(d);
    }
  }

  #relation(operator: string, left: Term, right: Term): Term {
    return term('bool', LEVEL.relation, `% ${operator} %`, hole(left, LEVEL.add), hole(right, LEVEL.add));
  }

  #choice(type: SchemaType, depth: number): Term {
    return term(
      typeKey(type),
      LEVEL.expr,
      'if % then % else %',
      hole(this.#bool(depth), 0),
      hole(this.#draw(type, depth), 0),
      hole(this.#draw(type, depth), 0),
    );
  }

  #membership(depth: number): Term {
    const random = this.#random;
    const child = random.pick([this.#scene.principal, this.#scene.resource, ...this.#scene.schema.entityTypes.keys()]);
    const above = [...(this.#scene.schema.entityTypes.get(child)?.ancestors ?? []), child];
    const left = this.#draw({ kind: 'entity', type: child }, depth);
    const target: SchemaType = { kind: 'entity', type: random.pick(above) };
    if (random.chance(0.2)) return this.#relation('in', leaf('entity', LEVEL.member, 'action'), this.#actions());
    return this.#relation(
      'in',
      left,
      this.#draw(random.chance(0.7) ? target : { kind: 'set', element: target }, depth),
    );
  }

  #actions(): Term {
    const uids = [...this.#scene.schema.actions.values()].map(({ uid }) => uidText(this.#random, uid));
    const one = this.#random.pick(uids);
    return leaf('actions', LEVEL.primary, this.#random.chance(0.5) ? one : `[${one}, ${this.#random.pick(uids)}]`);
  }

  #collection(type: SchemaType, d: number): Term {
    const set: SchemaType = { kind: 'set', element: type };
    const receiver = hole(this.#draw(set, d), LEVEL.member);
    switch (this.#random.integer(0, 3)) {
      case 0:
        return term('bool', LEVEL.member, '%.isEmpty()', receiver);
      case 1:
        return term('bool', LEVEL.member, '%.contains(%)', receiver, hole(this.#draw(type, d), 0));
      case 2:
        return term('bool', LEVEL.member, '%.containsAll(%)', receiver, hole(this.#draw(set, d), 0));
      default:
        return term('bool', LEVEL.member, '%.containsAny(%)', receiver, hole(this.#draw(set, d), 0));
    }
  }

  #pattern(): Term {
    const random = this.#random;
    const parts = Array.from({ length: random.integer(0, 4) }, () => {
      if (random.chance(0.45)) return '*';
      const text = drawText(random);
      return [...text].map((character) => (character === '*' ? '\\*' : escaped(random, character))).join('');
    });
    return leaf('pattern', LEVEL.primary, `"${parts.join('')}"`);
  }

  #isType(depth: number): Term {
    const random = this.#random;
    const types = [...this.#scene.schema.entityTypes.keys()];
    const name = random.chance(MISTAKES) ? 'Nowhere' : random.pick(types);
    const operand = hole(this.#draw({ kind: 'entity', type: random.pick(types) }, depth), LEVEL.add);
    if (random.chance(0.6)) return term('bool', LEVEL.relation, `% is ${name}`, operand);
    const above = random.pick([...(this.#scene.schema.entityTypes.get(name)?.ancestors ?? []), ...types]);
    const target = hole(this.#draw({ kind: 'entity', type: above }, depth), LEVEL.add);
    return term('bool', LEVEL.relation, `% is ${name} in %`, operand, target);
  }

  #has(depth: number): Term {
    const random = this.#random;
    const path = random.pick(this.#paths.filter(({ type }) => type.kind === 'entity' || type.kind === 'record'));
    this.#guards.push(...path.guards);
    const name = random.pick(['a', 'b', 'n', 's', 'flag', 'set', 'x y', 'if']);
    const operand = leaf('thing', LEVEL.member, path.text);
    if (random.chance(0.15)) {
      const tag = hole(this.#draw(STRING, depth), 0);
      return term('bool', LEVEL.member, '%.hasTag(%)', hole(operand, LEVEL.member), tag);
    }
    const attribute = isPlainName(name) ? random.pick([name, `${name}.b`, `${name}.a.n`, `"${name}"`]) : `"${name}"`;
    return term('bool', LEVEL.relation, `% has ${attribute}`, hole(operand, LEVEL.add));
  }

  #extensionTest(d: number): Term {
    const random = this.#random;
    const kind = random.pick(['decimal', 'ipaddr'] as const);
    const receiver = hole(this.#draw({ kind }, d), LEVEL.member);
    if (kind === 'ipaddr' && random.chance(0.6))
      return term('bool', LEVEL.member, `%.${random.pick(TESTS)}()`, receiver);
    const method = random.pick(COMPARISONS[kind] as readonly string[]);
    return term('bool', LEVEL.member, `%.${method}(%)`, receiver, hole(this.#draw({ kind }, d), 0));
  }

  /** A value that an operator or a method gives. */
  #made(type: SchemaType, d: number): Term | undefined {
    const random = this.#random;
    const key = typeKey(type);
    const of = (kind: 'datetime' | 'duration'): ReturnType<typeof hole> => hole(this.#draw({ kind }, d), LEVEL.member);
    if (type.kind === 'long') return this.#arithmetic(d);
    if (type.kind === 'duration')
      return random.chance(0.5)
        ? term(key, LEVEL.member, '%.toTime()', of('datetime'))
        : term(key, LEVEL.member, '%.durationSince(%)', of('datetime'), of('datetime'));
    if (type.kind === 'datetime')
      return random.chance(0.5)
        ? term(key, LEVEL.member, '%.toDate()', of('datetime'))
        : term(key, LEVEL.member, '%.offset(%)', of('datetime'), of('duration'));
    if (type.kind === 'set' && random.chance(0.8)) {
      const items = Array.from({ length: random.integer(1, 3) }, () => hole(this.#draw(type.element, d), 0));
      return term(key, LEVEL.primary, `[${items.map(() => '%').join(', ')}]`, ...items);
    }
    return type.kind === 'record' ? this.#record(type, d) : undefined;
  }

  #arithmetic(d: number): Term {
    const random = this.#random;
    const a = this.#draw(LONG, d);
    switch (random.integer(0, 4)) {
      case 0:
        return term('long', LEVEL.add, '% + %', hole(a, LEVEL.add), hole(this.#draw(LONG, d), LEVEL.mult));
      case 1:
        return term('long', LEVEL.add, '% - %', hole(a, LEVEL.add), hole(this.#draw(LONG, d), LEVEL.mult));
      case 2:
        return term('long', LEVEL.mult, '% * %', hole(a, LEVEL.mult), hole(this.#draw(LONG, d), LEVEL.unary));
      case 3:
        return term('long', LEVEL.unary, random.pick(['-%', '--%', '-(%)']), hole(a, LEVEL.member));
      default:
        return term(
          'long',
          LEVEL.member,
          `%.${random.pick(PARTS_OF_DURATION)}()`,
          hole(this.#draw({ kind: 'duration' }, d), LEVEL.member),
        );
    }
  }

  #record(type: Extract<SchemaType, { kind: 'record' }>, d: number): Term {
    const present = [...type.attributes].filter(([, { required }]) => required || this.#random.chance(0.5));
    const keys = present.map(([name]) => attributeKey(this.#random, name));
    const holes = present.map(([, attribute]) => hole(this.#draw(attribute.type, d), 0));
    // A key may hold a percent sign of its own: pieces are put together by hand.
    const pieces = holes.flatMap((one, i) => [`${i === 0 ? '' : ', '}${keys[i]}: `, one]);
    return { type: typeKey(type), level: LEVEL.primary, pieces: ['{', ...pieces, '}'] };
  }

  #literal(type: SchemaType, depth: number): Term {
    const random = this.#random;
    const key = typeKey(type);
    if (type.kind === 'entity') {
      const uid: Uid = { type: type.type, id: this.#idOf(type.type) };
      return leaf(key, LEVEL.primary, uidText(random, uid));
    }
    if (type.kind === 'record') return this.#record(type, Math.max(0, depth - 1));
    if (type.kind === 'set' && random.chance(0.9)) {
      const element = this.#literal(type.element, 0);
      return term(key, LEVEL.primary, '[%]', hole(element, 0));
    }
    if (type.kind === 'decimal' || type.kind === 'ipaddr' || type.kind === 'datetime' || type.kind === 'duration') {
      const fn = constructorOf(type.kind);
      const text = drawExtensionText(random, fn, MISTAKES);
      return leaf(key, LEVEL.member, `${fn}(${literalText(random, text)})`);
    }
    const datum = drawDatum(random, type, (name) => this.#idOf(name));
    const text = datumText(random, datum);
    return leaf(key, text.startsWith('-') ? LEVEL.unary : LEVEL.primary, text);
  }

  #idOf(type: string): string {
    const actions = [...this.#scene.schema.actions.values()].filter(({ uid }) => uid.type === type);
    return actions.length > 0 ? this.#random.pick(actions).uid.id : idOf(this.#random, this.#scene.schema, type);
  }

  #path(type: SchemaType): Term | undefined {
    const key = typeKey(type);
    const fitting = this.#paths.filter((path) => path.key === key);
    if (fitting.length === 0) return undefined;
    const { text, guards } = this.#random.pick(fitting);
    for (const guard of guards)
      if (!this.#guards.some((known) => textOf(known) === textOf(guard))) this.#guards.push(guard);
    return leaf(key, LEVEL.member, text);
  }

  /** A type to compare or to collect: mostly one that something in the scene has. */
  #anyType(): SchemaType {
    return this.#random.chance(0.6) ? this.#random.pick(this.#paths).type : this.#random.pick(SIMPLE);
  }
}
