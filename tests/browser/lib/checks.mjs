// The three judges of a page: axe-core in the browser (WCAG 2.2 AA), html-validate and vnu over its source.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HtmlValidate } from 'html-validate';
import vnu from 'vnu-jar';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Violations of WCAG 2.2 A and AA and of axe's good practice, one line each. Run apart from the page's CSP. */
export async function axeViolations(page) {
  const isolated = await page.mainFrame().isolatedRealm();
  await isolated.evaluate((source) => { (0, eval)(source); }, axe).catch(() => {});
  const violations = await isolated.evaluate(async () => {
    const result = await window.axe.run(document, {
      runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] },
    });
    return result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`);
  });
  return violations;
}

const validator = new HtmlValidate({
  extends: ['html-validate:recommended', 'html-validate:a11y'],
  rules: {
    'no-trailing-whitespace': 'off', // templates indent, nobody reads the source
    'long-title': 'off',
    'require-sri': 'off', // own files under hashed names
  },
});

export async function htmlValidateMessages(name, html) {
  const report = await validator.validateString(html, name);
  return report.results.flatMap((r) => r.messages.map((m) => `${name}:${m.line}: ${m.ruleId}: ${m.message}`));
}

/** pages: [{name, html}]; one run of vnu for all. */
export function vnuMessages(pages) {
  const folder = mkdtempSync(join(tmpdir(), 'sportello-vnu-'));
  const files = pages.map(({ name, html }, index) => {
    const file = join(folder, `${index}-${name.replace(/[^a-z0-9]+/gi, '-').slice(0, 60)}.html`);
    writeFileSync(file, html);
    return file;
  });
  try {
    execFileSync('java', ['-Xss4m', '-jar', vnu, '--format', 'json', '--stdout', ...files], { encoding: 'utf8', maxBuffer: 1 << 26 });
    return [];
  } catch (error) {
    const { messages } = JSON.parse(error.stdout);
    return messages.filter((m) => m.type === 'error' || m.subType === 'warning')
      .map((m) => `${m.url.split('/').pop()}:${m.lastLine}: ${m.message} ${m.extract ?? ''}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
