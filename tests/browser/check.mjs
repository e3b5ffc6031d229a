// Opens every page of a folder in headless Chromium and checks what the README promises of the HTML report.
// Usage: node check.mjs PAGES SHOTS. Must not load anything but the pages.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { chromium } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];
const LOOKS = [
  { name: 'phone-light', width: 390, colour: 'light' },
  { name: 'phone-dark', width: 390, colour: 'dark' },
  { name: 'desk-light', width: 1280, colour: 'light' },
  { name: 'desk-dark', width: 1280, colour: 'dark' },
];
const MAX_BYTES = 1_500_000;
const MAX_MILLIS = 3000;
// The summary of the plan with most stages, and how much of it everybody reads (docs/documents.md).
const LONGEST = 'canary-summary.html';
const MAX_PAGES = 2;

let passed = 0;
const failures = [];
const expect = (what, holds, seen = '') => {
  if (holds) {
    passed += 1;
  } else {
    failures.push(`${what} ${seen}`);
  }
};

const [pages, shots] = process.argv.slice(2).map((path) => resolve(path));
mkdirSync(shots, { recursive: true });
const files = readdirSync(pages).filter((name) => name.endsWith('.html')).sort();
expect('there are pages', files.length > 0);

const profile = mkdtempSync(join(tmpdir(), 'gate-browser-'));
const browser = await chromium.launchPersistentContext(profile, { executablePath: CHROMIUM, args: FLAGS });

const open = async (file, { width, colour, script = true }) => {
  const context = await browser.browser().newContext({
    viewport: { width, height: 844 }, colorScheme: colour, javaScriptEnabled: script,
  });
  const page = await context.newPage();
  const said = [];
  const asked = [];
  page.on('console', (message) => said.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => said.push(`error: ${error.message}`));
  page.on('request', (request) => asked.push(request.url()));
  const url = pathToFileURL(join(pages, file)).href;
  const begun = performance.now();
  await page.goto(url, { waitUntil: 'load' });
  return { context, page, said, asked: asked.filter((one) => one !== url), millis: performance.now() - begun };
};

const axe = async (page) => {
  await page.evaluate(AXE);
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  return found.violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html).join(' | ')}`);
};

const looks = async (file, look) => {
  const name = `${basename(file, '.html')}-${look.name}`;
  const { context, page, said, asked, millis } = await open(file, look);
  expect(`${name}: opens within ${MAX_MILLIS} ms`, millis < MAX_MILLIS, `${millis}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(`${name}: does not scroll sideways`, wide <= 0, `${wide} px`);
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
  const violations = await axe(page);
  expect(`${name}: axe finds nothing`, violations.length === 0, violations.join('\n    '));
  expect(`${name}: the console is silent`, said.length === 0, said.join('; '));
  expect(`${name}: nothing is loaded`, asked.length === 0, asked.join('; '));
  await context.close();
};

// Every chart is reached by the keyboard, and its arrows read time and value.
const keyboard = async (file) => {
  const { context, page } = await open(file, LOOKS[2]);
  const charts = await page.locator('.chart').count();
  const seen = new Set();
  await page.locator('body').press('Tab');
  expect(`${file}: the first stop skips to the gates`, await page.evaluate(() => document.activeElement.className === 'skip'));
  for (let stop = 0; stop < 2000; stop += 1) {
    await page.keyboard.press('Tab');
    const focus = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === document.body) return null;
      const box = element.getBoundingClientRect();
      return {
        chart: element.className === 'scrub' ? [...document.querySelectorAll('.scrub')].indexOf(element) : -1,
        shown: box.width > 0 && box.height > 0 && getComputedStyle(element).outlineStyle !== 'none',
      };
    });
    if (focus === null) break;
    if (!focus.shown) expect(`${file}: stop ${stop} shows its focus`, false);
    if (focus.chart >= 0 && !seen.has(focus.chart)) {
      seen.add(focus.chart);
      await page.keyboard.press('End');
      await page.keyboard.press('ArrowLeft');
      const said = await page.evaluate(() => {
        const figure = document.activeElement.closest('.chart');
        return {
          text: figure.querySelector('.readout').textContent,
          spoken: document.activeElement.getAttribute('aria-valuetext'),
          cursor: figure.querySelector('.cursor').getAttribute('visibility'),
        };
      });
      const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z/;
      const reads = time.test(said.text) && time.test(said.spoken) && said.spoken.length > 24;
      expect(`${file}: chart ${focus.chart} reads time and value`, reads && said.cursor === 'visible', JSON.stringify(said));
    }
  }
  expect(`${file}: the keyboard reaches every chart`, seen.size === charts, `${seen.size} of ${charts}`);
  await context.close();
};

// The value under the pointer is shown as well.
const pointer = async (file) => {
  const { context, page } = await open(file, LOOKS[2]);
  const plot = page.locator('.plot').first();
  if ((await plot.count()) > 0) {
    await plot.scrollIntoViewIfNeeded();
    const box = await plot.boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + 60);
    const text = await page.locator('.readout').first().textContent();
    expect(`${file}: the pointer reads time and value`, /^\d{4}-.*Z.*\S/.test(text), text);
    await page.screenshot({ path: join(shots, `${basename(file, '.html')}-pointer.png`) });
  }
  await context.close();
};

// Without its script the page shows everything, and on paper nothing is folded.
const whole = async (file) => {
  const { context, page } = await open(file, { ...LOOKS[2], script: false });
  const closed = await page.locator('details:not([open])').count();
  expect(`${file}: without script nothing is folded`, closed === 0, `${closed}`);
  await context.close();
  const printed = await open(file, LOOKS[3]);
  const pdf = join(shots, `${basename(file, '.html')}.pdf`);
  await printed.page.pdf({ path: pdf, preferCSSPageSize: true, printBackground: true });
  expect(`${file}: prints to PDF`, statSync(pdf).size > 10_000);
  const text = execFileSync('pdftotext', ['-layout', pdf, '-'], { encoding: 'utf8', maxBuffer: 1 << 28 });
  const asked = await printed.page.locator('details pre').count();
  // Cards are printed two abreast, so two may share a line of the text.
  const shown = (text.match(/Query\s/g) ?? []).length;
  const sources = (text.match(/Source\s/g) ?? []).length;
  expect(`${file}: prints everything expanded`, shown >= asked && sources >= asked, `${shown} and ${sources} of ${asked}`);
  if (file === LONGEST) {
    // A form feed ends each page, and the appendix begins one.
    const before = text.split('\f').findIndex((one) => /^\s*Appendix\s*$/m.test(one));
    expect(`${file}: at most ${MAX_PAGES} pages before the appendix`, before > 0 && before <= MAX_PAGES, `${before}`);
  }
  const first = execFileSync('pdfinfo', [pdf], { encoding: 'utf8' });
  expect(`${file}: prints on A4`, first.includes('A4'), first);
  await printed.context.close();
};

for (const file of files) {
  const bytes = statSync(join(pages, file)).size;
  expect(`${file}: is below 1.5 MB`, bytes < MAX_BYTES, `${bytes} bytes`);
  for (const look of LOOKS) await looks(file, look);
  await keyboard(file);
  await pointer(file);
  await whole(file);
}

await browser.close();
rmSync(profile, { recursive: true, force: true });
for (const failure of failures) console.log(`FAILED ${failure}`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exit(failures.length === 0 ? 0 : 1);
