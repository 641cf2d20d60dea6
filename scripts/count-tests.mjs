// Reads meson's testlog.json files and prints `N passed, N failed`, counting the single cases that each program
// reports (TAP). A program that failed without saying which case counts as one failure.
import { readFileSync } from 'node:fs';

let passed = 0;
let failed = 0;
for (const file of process.argv.slice(2)) {
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const test = JSON.parse(line);
    const output = test.stdout ?? '';
    const told = (word) => Number(new RegExp(`^# ${word} (\\d+)$`, 'm').exec(output)?.[1] ?? NaN); // node's summary
    const lines = (pattern) => (output.match(pattern) ?? []).length;
    const good = Number.isNaN(told('pass')) ? lines(/^ok \d+/gm) : told('pass');
    const bad = Number.isNaN(told('fail')) ? lines(/^not ok \d+/gm) : told('fail');
    const worked = test.result === 'OK';
    passed += good || (worked ? 1 : 0);
    failed += bad || (worked ? 0 : 1);
    if (!worked || bad) console.log(`failed: ${test.name} (${test.result})`);
  }
}
if (passed === 0) failed += 1; // nothing ran
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
