// node check-trace.mjs <trace.jsonl>: checks a run from its trace alone (docs/specification/trace.md), with nothing of Carechain's code.
//   agreement     no two honest nodes hold different blocks final at one height
//   one vote      no honest key signs two payloads for one (height, round, type); in simplex for one (round, type)
//   quorum        every final block names two thirds of distinct validators (a chain whose set changes: of the genesis set's size)
// Exit 0: it holds. Exit 1: it does not, one line for each problem. Exit 2: this is no trace that it can read.
import { readFileSync } from 'node:fs';

function read(path) {
  try {
    const text = readFileSync(path, 'utf8').trimEnd();
    return text.split('\n').map((line) => JSON.parse(line));
  } catch {
    return [];
  }
}

const lines = read(process.argv[2]);
const [head] = lines;
if (head?.event !== 'trace' || head.version !== 1) {
  console.error('this is no trace of version 1');
  process.exit(2);
}

const problems = [];
const honest = new Map(); // node → whether the run that is under way keeps the rules
const final = new Map(); // height → block hash
const signed = new Map(); // key and place → payload hash
let commits = 0;

for (const { event, node, ...line } of lines) {
  if (event === 'start') honest.set(node, line.honest);
  if (!honest.get(node)) continue;
  if (event === 'commit') {
    commits++;
    const { height, blockHash, signers } = line;
    const other = final.get(height) ?? blockHash;
    if (other !== blockHash) problems.push(`height ${height}: ${other} and ${blockHash} are final`);
    final.set(height, other);
    const enough = head.engine === 'clique' ? 1 : Math.ceil((2 * head.validators.length) / 3);
    if (new Set(signers).size < enough) problems.push(`height ${height}: ${signers.length} signers at node ${node}`);
  }
  if (event === 'sign') {
    const { key, height, round, type, payloadHash } = line;
    const place = [key, head.engine === 'simplex' ? '' : height, round, type].join(' ');
    const other = signed.get(place) ?? payloadHash;
    if (other !== payloadHash)
      problems.push(`key ${key} signs two payloads: ${type}, height ${height}, round ${round}`);
    signed.set(place, other);
  }
}

for (const problem of problems) console.log(problem);
console.log(`${commits} commits of ${final.size} heights, ${signed.size} votes: ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
