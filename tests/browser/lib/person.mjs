// One person with one browser: headless Chromium with a fake camera and microphone, or Firefox without them. Everything the browser complains
// about (console errors, CSP violations, requests to others, failed requests) is kept and must be empty at the end.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer from 'puppeteer-core';
import { officer, password } from '../../flows/lib/server.mjs';

const flags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', '--mute-audio',
  '--use-fake-device-for-media-stream', '--autoplay-policy=no-user-gesture-required',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
];

const inChromium = ({ permissions, more, language }) => ({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [...flags, ...(permissions ? [] : ['--use-fake-ui-for-media-stream']), ...more, `--lang=${language}`],
});

const inFirefox = ({ language }) => ({
  browser: 'firefox',
  executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
  extraPrefsFirefox: { 'intl.accept_languages': language, 'ui.prefersReducedMotion': 1 }, // no sliding to the focus
});

export class Person {
  /** browser: 'chromium' or 'firefox'; more: further flags of the browser; script: a function that runs in every page before its own; permissions: the
   *  ones that are given, for who is asked and refuses some (without it everything is allowed). */
  static async open(url, { browser = 'chromium', width = 1280, height = 900, javascript = true, language = 'it', more = [], script, permissions } = {}) {
    const person = new Person();
    Object.assign(person, { url, width, height });
    person.complaints = [];
    person.expected = [];
    person.profile = mkdtempSync(join(tmpdir(), 'sportello-browser-'));
    person.browser = await puppeteer.launch({
      ...(browser === 'firefox' ? inFirefox({ language }) : inChromium({ permissions, more, language })),
      headless: true,
      userDataDir: person.profile,
      defaultViewport: { width, height },
    });
    if (permissions) await person.browser.defaultBrowserContext().overridePermissions(new URL(url).origin, permissions);
    [person.page] = await person.browser.pages();
    if (browser === 'firefox') person.page = await person.browser.newPage(); // the first one never has the focus
    if (browser === 'chromium') {
      await person.page.setExtraHTTPHeaders({ 'Accept-Language': language });
      await person.page.setJavaScriptEnabled(javascript);
    }
    if (script) await person.page.evaluateOnNewDocument(script);
    person.listen();
    return person;
  }

  listen() {
    const complain = (text) => {
      if (!this.expected.some((pattern) => pattern.test(text))) this.complaints.push(text);
    };
    this.page.on('console', (message) => {
      if (['error', 'warn'].includes(message.type()))
        complain(`console ${message.type()}: ${message.text()} ${message.location().url ?? ''}`);
    });
    this.page.on('response', (response) => {
      if (!response.request().isNavigationRequest() || response.frame() !== this.page.mainFrame()) return;
      if (response.status() >= 300 && response.status() < 400) return;
      this.answered = { status: response.status(), url: response.url(), text: response.text() };
      this.answered.text.catch(() => {}); // a page that nobody asks about may be gone
    });
    this.page.on('pageerror', (error) => complain(`error: ${error.message}`));
    this.page.on('requestfailed', (request) => {
      if (request.failure()?.errorText !== 'net::ERR_ABORTED')
        complain(`failed: ${request.url()} ${request.failure()?.errorText}`);
    });
    this.page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      // data: here is Chromium's own icon of a date field; ours would break the CSP, which is a console error
      if (origin !== new URL(this.url).origin && !['blob:', 'data:'].includes(protocol))
        complain(`asked another host: ${request.url()}`);
    });
  }

  /** A complaint that this test provokes on purpose, such as the 422 of a form. */
  expect(pattern) { this.expected.push(pattern); }

  async go(path) {
    const answer = await this.page.goto(new URL(path, this.url).href, { waitUntil: 'load' });
    return answer.status();
  }

  text(selector = 'main') {
    return this.page.$eval(selector, (element) => element.innerText);
  }

  /** Clicks and waits for the page that follows. */
  async follow(selector) {
    await Promise.all([this.page.waitForNavigation({ waitUntil: 'load' }), this.page.click(selector)]);
  }

  /** Submits a form as a browser without checks of its own would; `fields` first, by name. */
  async submit(fields = {}, button = 'main form[method=post] button[type=submit]') {
    await this.page.$eval(button, (element, values) => {
      element.form.noValidate = true;
      for (const [name, value] of Object.entries(values)) element.form.elements[name].value = value;
    }, fields);
    await this.follow(button);
  }

  async login(email = officer, secret = password) {
    await this.go('/accedi');
    await this.submit({ email, password: secret });
  }

  async close() {
    await this.browser.close();
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
