// Measures the program against a ceiling in the same run and prints both:
// node bench/run.mjs BUILD [availability|bookings|intake|letters|mail-latency|reading|start]. Load comes from wrk on the same machine.
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { availability } from './availability.mjs';
import { bookings } from './bookings.mjs';
import { intake } from './intake.mjs';
import { letters } from './letters.mjs';
import { mailLatency } from './mail-latency.mjs';
import { reading } from './reading.mjs';
import { start } from './start.mjs';

const build = resolve(process.argv[2] ?? 'build-bench');
const only = process.argv[3];

console.log(`machine       ${cpus().length} x ${cpus()[0].model}`);
for (const [name, measure] of Object.entries({ availability, bookings, intake, letters, 'mail-latency': mailLatency, reading, start }))
  if (!only || only === name) await measure(build);
