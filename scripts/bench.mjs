// What scripts/bench runs: drops a file on the built site in headless Chromium, several times, and in between reads
// the same file's bytes in as many workers without doing anything with them, by each way the browser has. What the
// site needs over that is its own work; the ratio is the same on fast and slow machines.
//
// Prints one JSON object: seconds (median of the rounds), ratio, wasm memory, longest task on the main thread.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir, cpus } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { serve } from './server.mjs';

const { chromium } = createRequire(new URL('package.json', import.meta.url))('playwright-core');
const root = fileURLToPath(new URL('..', import.meta.url));
const footpath = path.join(process.env.CARGO_TARGET_DIR ?? path.join(root, 'target'), 'release/footpath');

const { values: options } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    file: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    workers: { type: 'string', default: '2' },
    wait: { type: 'string', default: '1500' },
    dist: { type: 'string', default: path.join(root, 'dist') },
  },
});

const scratch = mkdtempSync(path.join(tmpdir(), 'footpath-bench-'));
let browser, site, empty;
try {
  const file = options.file ?? demo(Number(options.events));
  site = await serve({ root: options.dist, base: '/footpath/' });
  empty = await serve({ root: scratch });
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [...(process.env.BENCH_FLAGS ?? '').split('\n').filter(Boolean), '--disable-background-networking', '--disable-component-update', '--disable-gpu', '--disable-sync', '--no-first-run', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  });
  const rounds = [];
  // The first round warms the file cache and is not counted.
  for (let round = 0; round <= Number(options.rounds); round += 1) {
    const read = await readOnly(file, Number(options.workers));
    const drop = await dropped(file);
    if (round > 0) rounds.push({ ...read, ...drop });
  }
  const median = (key) => rounds.map((round) => round[key]).sort((a, b) => a - b)[rounds.length >> 1];
  const least = (key) => Math.min(...rounds.map((round) => round[key]));
  const events = rounds[0].events;
  console.log(
    JSON.stringify(
      {
        processors: cpus().length,
        bytes: statSync(file).size,
        events,
        read_only_s: { stream: median('stream'), slices: median('slices'), best: median('read') },
        ready_s: median('ready'),
        report_s: median('report'),
        cpu_ready_s: median('cpu'),
        cpu_read_s: median('cpu_read'),
        ready_over_read: round3(median('ready') / median('read')),
        ready_over_read_least: round3(least('ready') / least('read')),
        first_figures_s: median('first'),
        all_read_s: median('all_read'),
        wasm_bytes_per_event: Math.round(median('wasm') / events),
        longest_task_ms: Math.max(...rounds.map((round) => round.task)),
        rounds,
      },
      null,
      2,
    ),
  );
} finally {
  await browser?.close();
  await site?.close();
  await empty?.close();
  rmSync(scratch, { recursive: true, force: true });
}

function demo(events) {
  const file = path.join(scratch, `demo-${events}.jsonl`);
  execFileSync(footpath, ['demo', '--events', String(events), '--plant', '--output', file], { stdio: 'inherit' });
  return file;
}

/** Seconds that reading takes, by each way. */
async function readOnly(file, workers) {
  const page = await (await browser.newContext()).newPage();
  await page.goto(empty.url, { waitUntil: 'commit' });
  await page.setContent('<input type="file">');
  await page.setInputFiles('input', file);
  const before = processorSeconds();
  const seconds = await page.evaluate(read, workers);
  const cpu_read = round3((processorSeconds() - before) / 2);
  await page.context().close();
  return { ...seconds, cpu_read, read: Math.min(seconds.stream, seconds.slices) };
}

/** Runs in the page. */
async function read(workers) {
  const file = document.querySelector('input').files[0];
  const ways = {
    stream: `const reader = part.stream().getReader(); for (;;) { const { done, value } = await reader.read(); if (done) break; sum += value[0]; }`,
    slices: `for (let at = 0; at < part.size; at += 16 << 20) { sum += new Uint8Array(await part.slice(at, at + (16 << 20)).arrayBuffer())[0]; }`,
  };
  const seconds = {};
  for (const [name, way] of Object.entries(ways)) {
    const script = `onmessage = async ({ data: part }) => { let sum = 0; ${way} postMessage(sum); };`;
    const url = URL.createObjectURL(new Blob([script]));
    const length = Math.ceil(file.size / workers);
    const start = performance.now();
    const started = Array.from({ length: workers }, (_, index) => new Promise((resolve) => {
      const worker = new Worker(url);
      worker.onmessage = () => resolve(worker.terminate());
      worker.postMessage(file.slice(index * length, (index + 1) * length));
    }));
    await Promise.all(started);
    seconds[name] = Math.round(performance.now() - start) / 1e3;
  }
  return seconds;
}

/** Drops the file on the site; seconds from the drop, as the page itself saw them. */
async function dropped(file) {
  const page = await (await browser.newContext()).newPage();
  await page.goto(site.url);
  await page.waitForSelector('.app[data-state=idle]');
  // As a visitor who has looked at the page for a moment.
  await page.waitForTimeout(Number(options.wait));
  await page.evaluate(watch);
  const before = processorSeconds();
  await page.setInputFiles('input[type=file]', file);
  await page.waitForFunction(() => window.bench.ready, null, { timeout: 600_000, polling: 20 });
  const cpu = round3(processorSeconds() - before);
  const seen = await page.evaluate(() => ({ ...window.bench, events: document.querySelector('[data-metric=events]').textContent }));
  let wasm = 0;
  for (const worker of page.workers()) wasm += await worker.evaluate(() => self.footpathMemory?.buffer.byteLength ?? 0);
  await page.context().close();
  const seconds = (time) => round3((time - seen.dropped) / 1e3);
  return {
    ready: seconds(seen.ready),
    all_read: seen.read ? seconds(seen.read) : null,
    first: seen.first ? seconds(seen.first) : null,
    report: seen.evidence ? seconds(seen.evidence) : null,
    cpu,
    task: Math.round(seen.task),
    wasm,
    events: Number(seen.events.replaceAll(/\D/g, '')),
  };
}

/** Runs in the page: notes when the file arrives, when figures come, when results are painted, and long tasks. */
function watch() {
  const bench = { task: 0 };
  window.bench = bench;
  document.addEventListener('change', () => (bench.dropped ??= performance.now()), { capture: true });
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (bench.dropped && !bench.ready) bench.task = Math.max(bench.task, entry.duration);
    }
  });
  observer.observe({ type: 'longtask' });
  const app = document.querySelector('.app');
  const look = () => {
    if (!bench.first && /[1-9][\d,]* events/.test(document.querySelector('progress')?.parentElement.textContent)) bench.first = performance.now();
    const progress = document.querySelector('progress');
    if (!bench.read && progress?.value === 1) bench.read = performance.now();
    if (!bench.ready && app.dataset.state === 'ready') {
      bench.readying = true;
      // Painted: the second frame after the change.
      requestAnimationFrame(() => requestAnimationFrame(() => (bench.ready ??= performance.now())));
    }
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
}

/** Processor time that the browser and all its processes have used: it shows less of what else the machine does. */
function processorSeconds() {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
      return [{ pid: Number(pid), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }];
    } catch {
      return []; // ended meanwhile
    }
  });
  const ours = new Set(processes.filter(({ parent }) => parent === process.pid).map(({ pid }) => pid));
  for (let size = 0; size < ours.size; ) {
    size = ours.size;
    processes.filter(({ parent }) => ours.has(parent)).forEach(({ pid }) => ours.add(pid));
  }
  return processes.filter(({ pid }) => ours.has(pid)).reduce((sum, { ticks }) => sum + ticks / 100, 0);
}

function round3(number) {
  return Math.round(number * 1e3) / 1e3;
}
