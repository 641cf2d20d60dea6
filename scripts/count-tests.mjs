// Reads meson's testlog.json files and prints `N passed, N failed`, counting the single cases that each program
// reports (TAP lines at the margin). A program that failed without saying which case counts as one failure.
import { readFileSync } from 'node:fs';

let passed = 0;
let failed = 0;
for (const file of process.argv.slice(2)) {
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const test = JSON.parse(line);
    const output = test.stdout ?? '';
    const good = (output.match(/^ok \d+/gm) ?? []).length;
    const bad = (output.match(/^not ok \d+/gm) ?? []).length;
    const worked = test.result === 'OK';
    passed += good || (worked ? 1 : 0);
    failed += bad || (worked ? 0 : 1);
    if (!worked || bad) console.log(`failed: ${test.name} (${test.result})`);
  }
}
if (passed === 0) failed += 1; // nothing ran
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
