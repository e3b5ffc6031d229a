// Writes plans with recorded answers for them: `wide` with ten KPIs over 72 hours at one minute, the widest page that the reports
// promise to keep small and quick, and `hostile` with names and labels that try to take the page over.
// Usage: node made.mjs FOLDER. Every run writes the same bytes.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const END = Date.UTC(2026, 10, 20) / 1000;
const HOURS = 72;
const POINTS = HOURS * 60 + 1;
const WEEK = 7 * 86400;
const stamp = (seconds) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

// A small generator of its own, for the same numbers everywhere.
let state = 42;
const noise = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32 - 0.5;
};

// Around a level, with the swing of a day; `fault` changes single points.
const wave = (level, fault = (value) => value) =>
  Array.from({ length: POINTS }, (_, minute) => {
    const day = Math.sin((minute / 1440) * 2 * Math.PI);
    const value = fault(level * (1 + 0.15 * day + 0.2 * noise()), minute);
    return value === null ? null : String(value);
  });

const gap = (from, to) => (value, minute) => (minute >= from && minute < to ? null : value);
const spike = (from, to, factor) => (value, minute) => (minute >= from && minute < to ? value * factor : value);

const KPIS = [
  { name: 'error_rate', unit: 'ratio', condition: '< 1%', series: { '': wave(0.003, spike(2700, 2741, 6)) } },
  { name: 'latency_p95', unit: 'seconds', per: 'site', condition: '< 400ms for 99%',
    series: { BER1: wave(0.18), HAM1: wave(0.21, gap(1200, 1260)), LEJ2: wave(0.24, spike(3000, 3001, 3)), MUC1: wave(0.2) } },
  { name: 'order_to_ship_p95', unit: 'seconds', per: 'site', condition: '< 4h for 99%',
    series: { BER1: wave(9000), HAM1: wave(10200), LEJ2: wave(11000), MUC1: wave(9600), CGN1: wave(8800), FRA2: wave(9100), STR1: wave(9900), DUS1: wave(10500) } },
  { name: 'exception_rate', unit: 'ratio', condition: '<= baseline + max(0.5pp, 20%)', series: { '': wave(0.011) }, baseline: wave(0.01) },
  { name: 'queue_bytes', unit: 'bytes', condition: 'max < 64MiB', series: { '': wave(2.4e7) } },
  { name: 'orders', unit: 'per_second', condition: '> 20/s', series: { '': wave(48, spike(1500, 1520, 0.2)) } },
  { name: 'success_rate', unit: 'ratio', condition: 'mean >= 99.5%', series: { '': wave(1, (value) => 0.998 + (value - 1) / 500) } },
  { name: 'restarts', unit: 'count', condition: '== 0', series: { '': wave(0) } },
  { name: 'cpu', unit: 'percent', per: 'node', condition: 'p95 < 85%', series: { a: wave(52), b: wave(61), c: wave(57) } },
  { name: 'webhook_age', unit: 'seconds', condition: '< 15m', series: { '': wave(120, (value, minute) => (minute % 7 === 3 ? null : value)) } },
];

const EVIL = '<script>alert(1)</script>"\'><img src=x onerror=alert(1)> ]]> ::error::no | =cmd() GO';
const UNSEEN = '\u202eOG-ON \u001b[31m';

const [folder] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });

const answer = (query, end, series, per) =>
  JSON.stringify({
    source: 'default', query, start: stamp(end - HOURS * 3600), end: stamp(end), step: 60,
    series: Object.entries(series).map(([value, values]) => ({ labels: per ? { [per]: value } : {}, values })),
  });

const write = (name, release, kpis) => {
  const kpi = ({ name, title, unit, per }) =>
    `  ${name}: ${JSON.stringify({ query: name, title, unit, step: '1m', coverage: '80%', per })}`;
  const plan = `release: ${JSON.stringify(release)}
source: http://127.0.0.1:9090
baseline: {offset: 7d}
kpis:
${kpis.map(kpi).join('\n')}
rollback: [{do: Switch the flag off, owner: "@ops", takes: 2m}]
stages:
  - name: wave-1
    title: Wave 1, eight sites
    window: ${HOURS}h
    settle: 3h
    exit:
      kpis:
${kpis.map(({ name, condition }) => `        ${name}: "${condition}"`).join('\n')}
`;
  const answers = kpis.flatMap(({ name, per, series, baseline }) => [
    answer(name, END, series, per),
    ...(baseline ? [answer(name, END - WEEK, { '': baseline }, per)] : []),
  ]);
  const check = {
    plan: { path: `${name}.yaml`, sha256: createHash('sha256').update(plan).digest('hex') },
    at: stamp(END), started: stamp(END - (HOURS + 3) * 3600), vars: [], gates: ['wave-1/exit'],
    run: { user: 'release-manager', host: 'example', command: ['gate', 'check', `${name}.yaml`] },
  };
  writeFileSync(join(folder, `${name}.yaml`), plan);
  writeFileSync(join(folder, `${name}.answers.json`), `{"schema":"gate.answers/v1",
"check":${JSON.stringify(check)},
"sources":[{"name":"default","url":"http://127.0.0.1:9090","version":"3.5.3"}],
"answers":[
${answers.join(',\n')}
]}
`);
};

write('wide', { name: 'ten KPIs', version: '1.0.0' }, KPIS);
write('hostile', { name: EVIL, version: EVIL, owner: EVIL }, [
  { name: 'errors', title: EVIL, unit: 'ratio', per: 'site', condition: '< 1%',
    series: { [EVIL + UNSEEN]: wave(0.003, spike(2700, 2741, 6)), [`2${EVIL}`]: wave(0.004, gap(100, 400)) } },
]);

// A week of two KPIs for a backtest: two incidents, a spike that nobody calls one, and an hour without samples.
const WEEK_POINTS = 7 * 1440 + 1;
const week = (level, faults) =>
  Array.from({ length: WEEK_POINTS }, (_, minute) => {
    const fault = faults.find(([from, to]) => minute >= from && minute < to);
    const day = Math.sin((minute / 1440) * 2 * Math.PI);
    const value = fault ? fault[2] : level * (1 + 0.2 * day + 0.3 * noise());
    return value === null ? null : String(value);
  });
const weekPlan = `release: {name: weeks, version: "1.0"}
source: http://127.0.0.1:9090
kpis:
  errors: {query: errors, unit: percent, step: 1m}
  latency: {query: latency, unit: seconds, step: 1m}
stages:
  - name: pilot
    window: 6h
    settle: 10m
    stop:
      kpis: {errors: "> 5% for 10m", latency: "> 900ms for 20m"}
    exit:
      kpis: {errors: "mean < 2.2%", latency: "p95 < 700ms"}
`;
const weekOf = (query, values) =>
  JSON.stringify({
    source: 'default', query, start: stamp(END - WEEK), end: stamp(END), step: 60, series: [{ labels: {}, values }],
  });
writeFileSync(join(folder, 'weeks.yaml'), weekPlan);
writeFileSync(join(folder, 'weeks.csv'), `start,end,name
${stamp(END - 5 * 86400)},${stamp(END - 5 * 86400 + 3600)},payment outage
${stamp(END - 2 * 86400 + 9000)},${stamp(END - 2 * 86400 + 12600)},slow search
`);
writeFileSync(join(folder, 'weeks.answers.json'), `{"schema":"gate.answers/v1",
"check":${JSON.stringify({
  plan: { path: 'weeks.yaml', sha256: createHash('sha256').update(weekPlan).digest('hex') },
  at: stamp(END), started: stamp(END - WEEK), vars: [], gates: ['pilot/exit'],
  run: { user: 'release-manager', host: 'example', command: ['gate', 'backtest', 'weeks.yaml'] },
})},
"sources":[{"name":"default","url":"http://127.0.0.1:9090","version":"3.5.3"}],
"answers":[
${weekOf('errors', week(2, [[2880, 2940, 14], [5000, 5018, 6.4], [8000, 8030, 5.6]]))},
${weekOf('latency', week(0.5, [[7350, 7410, 2.1], [6000, 6060, null]]))}
]}
`);
