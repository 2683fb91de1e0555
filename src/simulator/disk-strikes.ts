import type { DISK_KINDS, STATE_LOSING_KINDS } from './fault.ts';
import { inSpaces } from './rows.ts';
import type { Simulation } from './simulation.ts';
import type { StoredDisk } from './stored-disk.ts';
import type { StrikesOf } from './strikes.ts';

/** Rows of the newest blocks and of the present state: those that a node reads again. */
const isRead = inSpaces('meta', 'block', 'certificate', 'state', 'treeNode', 'treeRoot');
/** A backup younger than this would be no old one. */
const BACKUP_HEIGHTS_MIN = 2;

export const diskStrikes: StrikesOf<(typeof DISK_KINDS)[number] | (typeof STATE_LOSING_KINDS)[number]> = {
  'torn-write'(simulation, { node: number }) {
    const node = simulation.node(number);
    node.tearsNextWrite = true;
    return () => {
      node.tearsNextWrite = false;
    };
  },

  'io-error': (simulation, { node }) =>
    set(simulation, node, (disk, strikes) => {
      disk.failNextWrite = strikes;
    }),

  'full-disk': (simulation, { node }) =>
    set(simulation, node, (disk, strikes) => {
      disk.full = strikes;
    }),

  'slow-disk': (simulation, { node, writeMs }) =>
    set(simulation, node, (disk, strikes) => {
      disk.slowMs = strikes ? writeMs : 0;
    }),

  pruning(simulation, { node, keepHeights }) {
    for (const { disk } of simulation.node(node).seats) disk.prune(keepHeights);
    return () => {};
  },

  /** Found when it is read, at the latest at the next start: so one comes. */
  'flipped-bit'(simulation, { node: number, where }) {
    const node = simulation.node(number);
    const { disk } = node.seat;
    if (where === 'signing') disk.flipBitOfSigningFile();
    else disk.flipBit(isRead);
    return () => simulation.operator.restart(node);
  },

  'wiped-disk'(simulation, { node: number, from }) {
    const { operator } = simulation;
    const node = simulation.node(number);
    operator.hold(node);
    for (const { disk } of node.seats) disk.loseSigningFile();
    return () => {
      operator.replaceChain(node, from);
      operator.release(node);
    };
  },

  'old-backup'(simulation, { node: number }) {
    const { operator, counts } = simulation;
    const node = simulation.node(number);
    const { disk } = node.seat;
    const backup = disk.backUpSigningFile();
    const { height, signingSequenceAtTip } = disk;
    return () => {
      const isOld = disk.height >= height + BACKUP_HEIGHTS_MIN && disk.signingSequenceAtTip > signingSequenceAtTip;
      if (backup === null || !isOld) return;
      counts.add('old-backup', number);
      operator.hold(node);
      disk.restoreSigningFile(backup);
      operator.release(node);
    };
  },
};

function set(simulation: Simulation, number: number, to: (disk: StoredDisk, strikes: boolean) => void): () => void {
  const { seats } = simulation.node(number);
  for (const { disk } of seats) to(disk, true);
  return () => {
    for (const { disk } of seats) to(disk, false);
  };
}
