// The style sheet and what belongs to it: bootstrap-italia's CSS without what no page uses, our own CSS behind it,
// fonts of the package, the images of its data: addresses as files (our policy allows no data:), and one file with
// the icons that the pages name.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const FONTS = [
  'Titillium_Web/titillium-web-v10-latin-ext_latin-300',
  'Titillium_Web/titillium-web-v10-latin-ext_latin-regular',
  'Titillium_Web/titillium-web-v10-latin-ext_latin-600',
  'Titillium_Web/titillium-web-v10-latin-ext_latin-700',
  'Roboto_Mono/roboto-mono-v13-latin-ext_latin-regular',
];

async function purge(packages, css, content) {
  const { PurgeCSS } = createRequire(join(packages, 'x'))('purgecss'); // its ES module is none for Node 18
  const [result] = await new PurgeCSS().purge({
    content: [{ raw: content, extension: 'html' }],
    css: [{ raw: css }],
    defaultExtractor: (text) => text.match(/[A-Za-z0-9_-]+/g) ?? [],
    safelist: { standard: ['html', 'body', ':root', '*'] },
    keyframes: true,
  });
  return result.css;
}

const UNUSED_FONT = /@font-face\{[^}]*data:application\/font-woff[^}]*\}/g; // an icon font of a picker we do not have

const data = (address) => {
  const [, head, body] = /^data:([^,]*),\s*(.*)$/s.exec(address);
  if (head.includes('base64')) return Buffer.from(body, 'base64');
  return Buffer.from(decodeURIComponent(body.trim().replace(/%(?![0-9a-f]{2})/gi, '%25')), 'utf8');
};

// Every url(data:image/svg+xml…) becomes a file of img/css/.
function imagesApart(css, images) {
  return css.replace(/url\((["']?)(data:image\/svg\+xml.*?)\1\)/gs, (whole, quote, address) => {
    const bytes = data(quote ? address : address.replace(/\\(.)/g, '$1'));
    const name = `${createHash('sha256').update(bytes).digest('hex').slice(0, 10)}.svg`;
    images.set(name, bytes);
    return `url(../img/css/${name})`;
  });
}

// One <symbol> for each icon named "#it-…" in the pages, out of the package's sheet.
function icons(sheet, content) {
  const wanted = new Set(content.flatMap((text) => text.match(/#it-[a-z0-9-]+/g) ?? []).map((name) => name.slice(1)));
  const symbols = [...wanted].sort().map((name) => {
    const found = new RegExp(`<(symbol|svg)([^>]*\\sid="${name}"[^>]*)>(.*?)</\\1>`, 's').exec(sheet);
    if (!found) throw new Error(`no icon ${name} in bootstrap-italia`);
    return `<symbol${found[2].replace(/\sxmlns="[^"]*"/, '')}>${found[3]}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>\n`;
}

export async function styles({ packages, read, own, content }) {
  const dist = join(packages, 'bootstrap-italia/dist');
  const images = new Map();
  const whole = read(join(dist, 'css/bootstrap-italia.min.css')).toString('utf8').replace(/^\uFEFF|\/\*# sourceMappingURL.*?\*\//g, '');
  const purged = imagesApart(await purge(packages, whole.replace(UNUSED_FONT, ''), content.join('\n')), images);
  const css = [purged, ...own.map((file) => file.bytes.toString('utf8'))].join('\n');
  if (!css.includes('--bootstrap-italia-version')) throw new Error('--bootstrap-italia-version was purged');
  if (css.includes('data:')) throw new Error('a data: address is left in the style sheet');
  return [
    { name: 'assets/css/app.css', bytes: css },
    { name: 'assets/img/icons.svg', bytes: icons(read(join(dist, 'svg/sprites.svg')).toString('utf8'), content) },
    ...[...images].map(([name, bytes]) => ({ name: `assets/img/css/${name}`, bytes })),
    ...FONTS.map((font) => ({ name: `assets/fonts/${font.split('/')[1]}.woff2`, bytes: read(join(dist, 'fonts', `${font}.woff2`)) })),
  ];
}
