import { createMemoryHub } from '../../src/network/memory-network.ts';
import { describeNetwork } from './conformance.ts';

const hub = createMemoryHub();
describeNetwork('the network in memory', { create: (options) => hub.create(options) });
