// A person with a browser that knows no JavaScript: cookies, forms with their CSRF token, redirects.
import assert from 'node:assert/strict';
import { officer, password } from './server.mjs';

const unescape = (text) => text.replace(/&quot;/g, '"').replace(/&#39;/g, "'").replace(/&lt;/g, '<')
  .replace(/&gt;/g, '>').replace(/&#x2F;/g, '/').replace(/&#x3D;/g, '=').replace(/&#x60;/g, '`').replace(/&amp;/g, '&');

/** The Set-Cookie lines of an answer; Debian 12's Node has them joined by commas only. */
export const setCookies = (headers) => headers.getSetCookie?.()
  ?? (headers.get('set-cookie') ?? '').split(/,(?=\s*[^\s;,=]+=)/).filter(Boolean);

export class Client {
  constructor(url, language = 'it') {
    this.url = url;
    this.cookies = new Map();
    this.language = language;
  }

  async ask(path, options = {}) {
    const answer = await fetch(new URL(path, this.url), {
      redirect: 'manual',
      ...options,
      headers: {
        'Accept': options.json ? 'application/json' : 'text/html',
        'Accept-Language': this.language,
        'Cookie': [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...options.headers,
      },
    });
    for (const cookie of setCookies(answer.headers)) {
      const [pair] = cookie.split(';');
      const [name, ...value] = pair.split('=');
      this.cookies.set(name.trim(), value.join('='));
    }
    const text = await answer.text();
    return {
      status: answer.status, headers: answer.headers, text,
      location: answer.headers.get('location'),
      json: options.json && answer.headers.get('content-type')?.startsWith('application/json') ? JSON.parse(text) : null,
    };
  }

  get(path) { return this.ask(path); }
  async json(path) {
    const answer = await this.ask(path, { json: true });
    assert.equal(answer.status, 200, `${path}: ${answer.status} ${answer.text.slice(0, 300)}`);
    return answer.json;
  }

  /** The masked token of the forms on a page. */
  async csrf(path) {
    const page = await this.get(path);
    const token = /name="csrf" value="([^"]+)"/.exec(page.text)?.[1];
    assert.ok(token, `${path} (${page.status}) has a form with a CSRF token`);
    return unescape(token);
  }

  /** Posts `fields` with the CSRF token of the page `from`. */
  async post(path, fields, from = path, options = {}) {
    const csrf = options.csrf ?? await this.csrf(from);
    return this.ask(path, { method: 'POST', body: new URLSearchParams({ csrf, ...fields }), ...options });
  }

  async login(email = officer, secret = password) {
    const answer = await this.post('/accedi', { email, password: secret });
    assert.equal(answer.status, 303, answer.text.slice(0, 500));
    return this;
  }
}
