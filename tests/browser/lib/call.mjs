// What can be seen of a call from outside: the step a person is at, and whether they see and hear anybody.
import { until } from '../../flows/lib/server.mjs';

export const step = (person, name) => person.page.waitForFunction(
  (wanted) => document.querySelector('[data-room]')?.dataset.step === wanted, { timeout: 20000 }, name)
  .catch(async () => { throw new Error(`waited for the step ${name}, is at ${await whereIs(person)}`); });

const whereIs = (person) => person.page.$eval('[data-room]', (room) =>
  `${room.dataset.step}${[...room.querySelectorAll('[data-end]')].filter((one) => !one.hidden).map((one) => ` ${one.dataset.end}`)}, ` +
  `connection ${room.dataset.connection}`).catch(() => person.page.url());

export const statistics = (person) => person.page.evaluate(() => window.roomStatistics());

/** Opens the room and presses "Entra" (or another way in). */
export async function enter(person, path, action = 'enter') {
  await person.go(path);
  await person.page.waitForSelector('[data-room][data-ready=true]');
  await person.page.click(`section[data-step=check] [data-action=${action}]`);
}

/** Sound and picture have come through and go on coming; `picture` false for somebody without a camera. */
export async function seesAndHears(person, { picture = true } = {}) {
  const grown = (now, past) => now && now.audioPackets > past.audioPackets + 5 && (!picture || now.frames > past.frames + 5);
  const more = async (past) => {
    const now = await statistics(person);
    return grown(now, past) ? now : null;
  };
  try {
    const first = await until(() => more({ frames: 0, audioPackets: 0 }), 'sound and picture', 20);
    return await until(() => more(first), 'more sound and picture', 20);
  } catch (error) {
    throw new Error(`${error.message}: ${await whereIs(person)}, ${JSON.stringify(await statistics(person))}, ${person.complaints.join('; ')}`);
  }
}

export async function leave(person) {
  await person.page.click('section[data-step=room] [data-action=leave]');
  await step(person, 'end');
}
