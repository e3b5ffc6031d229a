// The page of a backtest in headless Chromium: it loads nothing, axe-core finds nothing, and wherever its sliders are put, its counts
// are those that the program gives for a plan with that limit.
// Usage: node backtest.mjs GATE FOLDER SHOTS, where FOLDER has weeks.yaml, weeks.csv, weeks.answers.json and backtest.html.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];
const [gate, folder, shots] = process.argv.slice(2).map((path) => resolve(path));
mkdirSync(shots, { recursive: true });
const failures = [];
let passed = 0;
const expect = (what, holds, seen = '') => {
  if (holds) passed += 1;
  else failures.push(`${what} ${seen}`);
};

const profile = mkdtempSync(join(tmpdir(), 'gate-browser-'));
const browser = await chromium.launchPersistentContext(profile, { executablePath: CHROMIUM, args: FLAGS });
const url = pathToFileURL(join(folder, 'backtest.html')).href;
const open = async ({ width, colour, script = true }) => {
  const context = await browser.browser().newContext({ viewport: { width, height: 844 }, colorScheme: colour, javaScriptEnabled: script });
  const page = await context.newPage();
  const said = [];
  page.on('console', (message) => said.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => said.push(`error: ${error.message}`));
  page.on('request', (request) => request.url() !== url && said.push(`asked for ${request.url()}`));
  await page.goto(url, { waitUntil: 'load' });
  return { context, page, said };
};

for (const [width, colour] of [[390, 'light'], [390, 'dark'], [1280, 'light'], [1280, 'dark']]) {
  const { context, page, said } = await open({ width, colour });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(`${width} ${colour}: does not scroll sideways`, wide <= 0, `${wide} px`);
  await page.screenshot({ path: join(shots, `backtest-${width}-${colour}.png`), fullPage: true });
  await page.evaluate(AXE);
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  const told = found.violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html).join(' | ')}`);
  expect(`${width} ${colour}: axe finds nothing`, told.length === 0, told.join('\n    '));
  expect(`${width} ${colour}: loads nothing and says nothing`, said.length === 0, said.join('; '));
  await context.close();
}

// What the program says of a criterion with another limit.
const plan = readFileSync(join(folder, 'weeks.yaml'), 'utf8');
const judged = (name, condition, limit) => {
  const changed = condition.replace(/[0-9.]+(%|ms|s)/, limit);
  writeFileSync(join(folder, 'other.yaml'), plan.replace(`${name}: "${condition}"`, `${name}: "${changed}"`));
  const words = ['backtest', 'other.yaml', '--replay', 'weeks.answers.json', '--incidents', 'weeks.csv', '--format', 'json'];
  const document = JSON.parse(execFileSync(gate, words, { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 }));
  const of = document.gates[0];
  const one = of.criteria.find((criterion) => criterion.name === name && criterion.condition === changed);
  return { ...one, weeks: of.quiet_seconds / 604800 };
};

const { context, page, said } = await open({ width: 1280, colour: 'light' });
const sliders = page.locator('.choose input[type=range]');
expect('each condition has a slider', (await sliders.count()) === 4, `${await sliders.count()}`);
let positions = 0;
for (let index = 0; index < (await sliders.count()); index += 1) {
  const slider = sliders.nth(index);
  const [, name, condition] = /^limit of (\S+) (.*)$/.exec(await slider.getAttribute('aria-label'));
  const last = Number(await slider.getAttribute('max'));
  for (const part of [0, 0.2, 0.4, 0.5, 0.6, 0.8, 1]) {
    const value = String(Math.round(last * part));
    const shown = await slider.evaluate((input, to) => {
      input.value = to;
      input.dispatchEvent(new Event('input', { bubbles: true }));
      const box = input.closest('.choose');
      return [box.querySelector('.chosen').textContent, box.querySelector('.counts').textContent];
    }, value);
    const [limit, counts] = shown;
    const program = judged(name, condition, limit);
    positions += 1;
    const stop = /^(\S+) \(up to \S+\) false a week, (\d+) of (\d+) incidents caught$/.exec(counts);
    if (stop) {
      const caught = program.incidents.filter((one) => one.caught === 'caught').length;
      const tested = program.incidents.filter((one) => one.caught !== 'untested').length;
      const rate = program.false_stops / program.weeks;
      const same = Math.abs(Number(stop[1]) - rate) <= 0.051 * rate && Number(stop[2]) === caught && Number(stop[3]) === tested;
      expect(`${name} ${limit}: ${counts}`, same, `and not ${rate} a week, ${caught} of ${tested}`);
    } else {
      expect(`${name} ${limit}: ${counts}`, counts === `${program.false_no_go} quiet releases would fail`, `and not ${program.false_no_go}`);
    }
  }
}
expect('moving the sliders loads nothing and says nothing', said.length === 0, said.join('; '));
await context.close();

const bare = await open({ width: 1280, colour: 'light', script: false });
expect('without script there is no slider', (await bare.page.locator('input[type=range]:visible').count()) === 0);
expect('without script the counts of other limits are in a table', (await bare.page.locator('.choose ~ details tbody tr').count()) > 20);
await bare.context.close();

await browser.close();
rmSync(profile, { recursive: true, force: true });
for (const failure of failures) console.log(`FAILED ${failure}`);
console.log(`backtest: ${passed} passed, ${failures.length} failed; ${positions} positions of sliders`);
process.exit(failures.length === 0 ? 0 : 1);
