import { noblePrimitives } from '../../src/crypto/noble.ts';
import { describePrimitives } from './primitives-conformance.ts';
import { describeWycheproof } from './wycheproof-suite.ts';

describePrimitives(noblePrimitives);
describeWycheproof(noblePrimitives);
