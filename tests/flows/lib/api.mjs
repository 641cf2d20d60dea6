// openapi.yaml as a judge: what it lists, and whether an answer is as it says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { root } from './server.mjs';

const methods = ['get', 'post', 'put', 'patch', 'delete'];
const pointer = (...parts) => parts.map((part) => `/${encodeURIComponent(String(part).replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('');

export class Api {
  constructor(file = join(root, 'openapi.yaml')) {
    this.document = parse(readFileSync(file, 'utf8'));
    this.ajv = new Ajv.default({ strict: false, allErrors: true, validateFormats: false });
    this.ajv.addSchema(this.document, 'openapi.yaml');
    this.seen = new Map(); // "GET /p" -> set of statuses
  }

  /** What a "$ref" of the document stands for. */
  resolve(thing) {
    if (!thing?.$ref) return thing;
    const found = thing.$ref.replace(/^#\//, '').split('/').reduce((at, part) => at?.[part], this.document);
    assert.ok(found, `${thing.$ref} is there`);
    return this.resolve(found);
  }

  /** [{name: "GET /p", method, path, operation, item}], in the order of the file. */
  operations() {
    return Object.entries(this.document.paths).flatMap(([path, item]) => methods.filter((method) => item[method])
      .map((method) => ({ name: `${method.toUpperCase()} ${path}`, method, path, item, operation: item[method] })));
  }

  operation(name) {
    const found = this.operations().find((one) => one.name === name);
    assert.ok(found, `openapi.yaml describes ${name}`);
    return found;
  }

  /** Is the answer (of Client.ask) one that the description of `name` foresees? Throws when it is not. */
  judge(name, answer) {
    const { method, path, operation } = this.operation(name);
    const what = `${name} answers ${answer.status}`;
    const described = operation.responses[answer.status];
    assert.ok(described, `${what}, which is described\n${answer.text.slice(0, 300)}`);
    this.seen.set(name, (this.seen.get(name) ?? new Set()).add(answer.status));
    const content = this.resolve(described).content;
    const type = answer.headers.get('content-type')?.split(';')[0];
    if (answer.status === 303) assert.ok(answer.location, `${what} with a Location`);
    if (!content) return;
    assert.ok(content[type], `${what} as ${type}, which is described`);
    if (type === 'application/json') this.validate(what, described, [method, path, answer.status], answer.json);
  }

  validate(what, described, [method, path, status], json) {
    const at = described.$ref ?? `#${pointer('paths', path, method, 'responses', status)}`;
    const valid = this.ajv.compile({ $ref: `openapi.yaml${at}${pointer('content', 'application/json', 'schema')}` });
    if (valid(json)) return;
    const wrong = valid.errors.slice(0, 12).map((e) => `${e.instancePath || '/'} ${e.message} ${JSON.stringify(e.params)}`);
    assert.fail(`${what}, but not as described:\n  ${wrong.join('\n  ')}`);
  }
}
