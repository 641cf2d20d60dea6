// The three judges of a page: axe-core in the browser (WCAG 2.2 AA), html-validate and vnu over its source.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HtmlValidate } from 'html-validate';
import vnu from 'vnu-jar';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const wcag = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa'];
export const ofPage = { type: 'tag', values: [...wcag, 'best-practice'] };
export const ofLetter = { type: 'tag', values: wcag }; // a letter has no landmarks
export const ofNarrowScreen = { type: 'rule', values: ['target-size', 'color-contrast', 'scrollable-region-focusable'] };

/** Puts axe into a world of its own beside the page, which the page's CSP does not reach, and hands `use` a function
 *  that judges the page as it stands then: violations, one line each. */
export async function withAxe(page, use) {
  const session = await page.createCDPSession();
  try {
    const { frameTree } = await session.send('Page.getFrameTree');
    const { executionContextId } = await session.send('Page.createIsolatedWorld',
      { frameId: frameTree.frame.id, worldName: 'axe' });
    const evaluate = async (expression) => {
      const { result, exceptionDetails } = await session.send('Runtime.evaluate',
        { expression, contextId: executionContextId, awaitPromise: true, returnByValue: true });
      if (exceptionDetails) throw new Error(`axe: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
      return result.value;
    };
    await evaluate(`${axe}; true`);
    return await use(async (runOnly) => {
      const options = JSON.stringify({ runOnly, iframes: false, resultTypes: ['violations'] });
      const { judged, violations } = await evaluate(`axe.run(document, ${options})
        .then(({ passes, violations }) => ({ judged: passes.length, violations: violations.map((one) =>
          one.id + ': ' + one.nodes.map((node) => node.target.join(' ') + ' (' + node.failureSummary + ')').join(' | ')) }))`);
      if (!(judged > 0 || runOnly === ofNarrowScreen)) throw new Error('axe has judged nothing');
      return violations;
    });
  } finally {
    await session.detach();
  }
}

const rules = {
  'no-trailing-whitespace': 'off', // templates indent, nobody reads the source
  'long-title': 'off',
  'require-sri': 'off', // own files under hashed names
};
const ofPages = new HtmlValidate({ extends: ['html-validate:recommended', 'html-validate:a11y'], rules });
const ofLetters = new HtmlValidate({
  extends: ['html-validate:recommended', 'html-validate:a11y'],
  rules: { ...rules, 'no-inline-style': 'off' }, // mail programs know no other
});

export async function htmlValidateMessages(name, html, isLetter = false) {
  const report = await (isLetter ? ofLetters : ofPages).validateString(html, `${name}.html`);
  return report.results.flatMap((r) => r.messages.map((m) => `${name}:${m.line}: ${m.ruleId}: ${m.message}`));
}

/** pages: [{name, html}]; one run of vnu for all. */
export function vnuMessages(pages) {
  const folder = mkdtempSync(join(tmpdir(), 'sportello-vnu-'));
  try {
    const names = pages.map(({ html }, index) => {
      writeFileSync(join(folder, `${index}.html`), html);
      return join(folder, `${index}.html`);
    });
    const run = spawnSync('java', ['-Xss4m', '-jar', vnu, '--exit-zero-always', '--format', 'json', '--stdout', ...names],
      { encoding: 'utf8', maxBuffer: 1 << 26 });
    if (run.error || run.status !== 0) throw new Error(`vnu did not run: ${run.error?.message ?? run.stderr}`);
    return JSON.parse(run.stdout).messages
      .filter((m) => m.type === 'error' || m.type === 'non-document-error' || m.subType === 'warning')
      .map((m) => `${pages[Number(/(\d+)\.html$/.exec(m.url)?.[1])]?.name ?? m.url}:${m.lastLine}: ${m.message} ${m.extract ?? ''}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
