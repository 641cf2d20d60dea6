// What every page of Sportello has to stand: the judges of checks.mjs, 360 px, an expected status, and no complaint.
// Sources are kept, so that vnu (slow to start) reads them all in one run at the end.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { ofLetter, ofNarrowScreen, ofPage, withAxe, htmlValidateMessages, vnuMessages } from './checks.mjs';

const NARROW = 360;

export class Judge {
  sources = [];
  paths = [];
  shots = process.env.SPORTELLO_SHOTS; // a folder: pictures of every page, for people

  /** Does `action` with the person, then judges the page they are on: its answer must have had `status`. */
  async page(name, person, action, { status = 200 } = {}) {
    const forgiven = status < 400 ? null : new RegExp(`the server responded with a status of ${status}`);
    const before = person.complaints.length;
    if (forgiven) person.expected.push(forgiven);
    await action(person);
    const answer = person.answered;
    assert.equal(answer.status, status, `${name}: ${answer.url}`);
    this.paths.push(new URL(answer.url).pathname);
    const found = [
      ...await this.sourceMessages(name, await answer.text),
      ...await this.screenMessages(name, person),
      ...person.complaints.slice(before),
    ];
    if (forgiven) person.expected.splice(person.expected.indexOf(forgiven), 1);
    assert.deepEqual(found, [], `${name}: what is wrong with it`);
  }

  async sourceMessages(name, html, isLetter = false) {
    assert.match(html, /^<!DOCTYPE html>/i, `${name} is a page`);
    this.sources.push({ name, html });
    return htmlValidateMessages(name, html, isLetter);
  }

  /** The page as it stands on the screen, wide and narrow. */
  screenMessages(name, { page, width, height }, rules = ofPage) {
    return withAxe(page, async (axe) => {
      const messages = (await axe(rules)).map((text) => `axe: ${text}`);
      await this.picture(name, page, width);
      await page.setViewport({ width: NARROW, height: 740 });
      const widths = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
      const narrow = await axe(ofNarrowScreen);
      await this.picture(name, page, NARROW);
      await page.setViewport({ width, height });
      if (widths[0] > NARROW || widths[1] !== NARROW) messages.push(`${widths[0]} px wide on a screen of ${NARROW}`);
      return [...messages, ...narrow.map((text) => `axe at ${NARROW} px: ${text}`)];
    });
  }

  /** A letter as a mail program shows it, on a page of its own. */
  async letter(name, person, html) {
    await person.page.goto('about:blank');
    await person.page.setContent(html);
    const found = [
      ...await this.sourceMessages(name, html, true),
      ...await this.screenMessages(name, person, ofLetter),
    ];
    assert.deepEqual(found, [], `${name}: what is wrong with it`);
  }

  async picture(name, page, width) {
    if (this.shots)
      await page.screenshot({ path: join(this.shots, `${name.replace(/[^a-z0-9]+/gi, '-')}.${width}.png`), fullPage: true });
  }

  /** What vnu says about all pages seen so far. */
  nuMessages() {
    assert.ok(this.sources.length > 0);
    return vnuMessages(this.sources);
  }
}
