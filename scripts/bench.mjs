// What scripts/bench runs: drops a file on the built site in headless Chromium, several times, and in between reads
// the same file's bytes in as many workers without doing anything with them, by each way the browser has. What the
// site needs over that is its own work; the ratio is the same on fast and slow machines.
//
// Prints one JSON object: seconds (median of the rounds), ratio, memory, longest task on the main thread; and then, for
// reading, a table of what there is a bar for. With --peers native DuckDB and the command line answer in each round as
// well, and duckdb-wasm once.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir, cpus } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { launchChromium } from './chromium.mjs';
import { serve } from './server.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const footpath = path.join(process.env.CARGO_TARGET_DIR ?? path.join(root, 'target'), 'release/footpath');

const { values: options } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    file: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    workers: { type: 'string', default: '2' },
    wait: { type: 'string', default: '1500' },
    peers: { type: 'boolean', default: false },
    tenfold: { type: 'boolean', default: false },
    dist: { type: 'string', default: path.join(root, 'dist') },
  },
});

/** What results are held to; at most so much. */
const BARS = {
  ready_over_read: ['drop to what is counted painted, over reading', 2.0],
  complete_over_read: ['drop to all findings painted, over reading', 2.8],
  ready_over_wasm: ['drop to what is counted, over duckdb-wasm', 0.15],
  ready_over_native: ['the same, over native DuckDB', 0.45],
  cli_over_native: ['command line, over native DuckDB', 0.3],
  longest_task_ms: ['longest task on the main thread, ms', 50],
  tenfold: ['ten times as many events, over these', 11],
  tenfold_loaded: ['of these: memory once loaded', 80],
  tenfold_peak: ['of these: memory at its peak', 140],
};

const scratch = mkdtempSync(path.join(tmpdir(), 'footpath-bench-'));
let browser, site, empty;
try {
  const file = options.file ?? demo(Number(options.events));
  site = await serve({ root: options.dist, base: '/footpath/' });
  empty = await serve({ root: scratch });
  browser = await launchChromium((process.env.BENCH_FLAGS ?? '').split('\n').filter(Boolean));
  // Installed for this only, see scripts/bench.
  const peers = options.peers ? await import('./peers/peers.mjs') : null;
  // The first round warms the file cache, and its times do not count: memory is watched in it.
  await readOnly(file, Number(options.workers));
  const { memory } = await dropped(file, { watchMemory: true });
  const rounds = [];
  for (let round = 0; round < Number(options.rounds); round += 1) {
    const read = await readOnly(file, Number(options.workers));
    const times = { ...read, ...(await dropped(file)), cli: commandLine(file) };
    if (peers) times.native = peers.native(file).total;
    rounds.push(times);
  }
  const median = (key) => rounds.map((round) => round[key]).sort((a, b) => a - b)[rounds.length >> 1];
  const least = (key) => Math.min(...rounds.map((round) => round[key]));
  const events = rounds[0].events;
  const perEvent = ({ loaded, peak, renderer }, events) => ({
    loaded: Math.round(loaded / events), peak: Math.round(peak / events), renderer: Math.round(renderer / events),
  });
  const results = {
    processors: cpus().length,
    bytes: statSync(file).size,
    events,
    read_only_s: { stream: median('stream'), buffer: median('buffer'), slices: median('slices'), best: median('read') },
    ready_s: median('ready'),
    complete_s: median('complete'),
    cpu_ready_s: median('cpu'),
    cpu_read_s: median('cpu_read'),
    ready_over_read: round3(median('ready') / median('read')),
    complete_over_read: round3(median('complete') / median('read')),
    ready_over_read_least: round3(least('ready') / least('read')),
    first_figures_s: median('first'),
    all_read_s: median('all_read'),
    cli_s: median('cli'),
    // `renderer` is all that the page's process held at most, also outside WebAssembly's memory.
    bytes_per_event: perEvent(memory, events),
    bytes_per_event_by_column: columns(file),
    longest_task_ms: Math.max(...rounds.map((round) => round.task)),
    rounds,
  };
  if (peers) {
    results.native_s = median('native');
    const asCsv = path.join(scratch, 'events.csv');
    await peers.writeCsv(file, asCsv);
    results.wasm_s = (await peers.wasm(browser, asCsv)).total;
    rmSync(asCsv);
    results.ready_over_wasm = round3(results.ready_s / results.wasm_s);
    results.ready_over_native = round3(results.ready_s / results.native_s);
    results.cli_over_native = round3(results.cli_s / results.native_s);
  }
  if (options.tenfold) {
    const large = await dropped(demo(events * 10), { watchMemory: true });
    results.tenfold = {
      events: large.events,
      ready_s: large.ready,
      over: round3(large.ready / results.ready_s),
      bytes_per_event: perEvent(large.memory, large.events),
      task_ms: large.task,
    };
  }
  console.log(JSON.stringify(results, null, 2));
  printBars({
    ...results, tenfold: results.tenfold?.over,
    tenfold_loaded: results.tenfold?.bytes_per_event.loaded, tenfold_peak: results.tenfold?.bytes_per_event.peak,
  });
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

function printBars(results) {
  console.error(`\n${'measure'.padEnd(48)} ${'value'.padStart(8)} ${'bar'.padStart(6)}`);
  for (const [key, [what, bar]] of Object.entries(BARS)) {
    const value = results[key];
    if (value === undefined) continue;
    const numbers = `${String(value).padStart(8)} ${String(bar).padStart(6)}`;
    console.error(`${what.padEnd(48)} ${numbers} ${value > bar ? 'missed' : ''}`.trimEnd());
  }
}

/** Seconds that the command line takes for its JSON, with two threads. */
function commandLine(file) {
  const out = path.join(scratch, 'results.json');
  const start = performance.now();
  execFileSync(footpath, ['analyze', file, '--format', 'json', '--threads', '2', '--output', out], { stdio: 'ignore' });
  return round3((performance.now() - start) / 1e3);
}

/** Bytes an event that the engine's columns and dictionaries take, by column. */
function columns(file) {
  const args = ['bench', '-q', '--locked', '--bench', 'columns', '--', file, options.workers];
  return JSON.parse(execFileSync('cargo', args, { cwd: root, encoding: 'utf8' }));
}

/** Seconds that reading takes, by each way. */
async function readOnly(file, workers) {
  const page = await (await browser.newContext()).newPage();
  await page.goto(empty.url, { waitUntil: 'commit' });
  await page.setContent('<input type="file">');
  await page.setInputFiles('input', file);
  const before = processorSeconds();
  const seconds = await page.evaluate(read, workers);
  const cpu_read = round3((processorSeconds() - before) / Object.keys(seconds).length);
  await page.context().close();
  return { ...seconds, cpu_read, read: Math.min(...Object.values(seconds)) };
}

/** Runs in the page. */
async function read(workers) {
  const file = document.querySelector('input').files[0];
  const ways = {
    stream: `const reader = part.stream().getReader();
      for (;;) { const { done, value } = await reader.read(); if (done) break; sum += value[0]; }`,
    // Into one buffer again and again, as the app reads.
    buffer: `const reader = part.stream().getReader({ mode: 'byob' });
      for (let buffer = new ArrayBuffer(256 << 10); ;) {
        const { done, value } = await reader.read(new Uint8Array(buffer)); if (done) break; sum += value[0]; buffer = value.buffer; }`,
    slices: `for (let at = 0; at < part.size; at += 16 << 20) {
      sum += new Uint8Array(await part.slice(at, at + (16 << 20)).arrayBuffer())[0]; }`,
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

/**
 * Drops the file on the site; seconds from the drop, as the page itself saw them. Watching memory costs time, so that a
 * round in which it is watched measures nothing else.
 */
async function dropped(file, { watchMemory = false } = {}) {
  const page = await (await browser.newContext()).newPage();
  await page.goto(site.url);
  await page.waitForSelector('.app[data-state=idle]');
  // As a visitor who has looked at the page for a moment.
  await page.waitForTimeout(Number(options.wait));
  await page.evaluate(watch);
  const watching = watchMemory && (await memoryWatch(page));
  const before = processorSeconds();
  await page.setInputFiles('input[type=file]', file);
  await page.waitForFunction(() => window.bench.complete, null, { timeout: 900_000, polling: 20 });
  const cpu = round3(processorSeconds() - before);
  const seen = await page.evaluate(() => {
    return { ...window.bench, events: document.querySelector('[data-metric=events]').textContent };
  });
  const memory = watching && (await watching.stop());
  await page.context().close();
  const seconds = (time) => round3((time - seen.dropped) / 1e3);
  return {
    ready: seconds(seen.ready),
    complete: seconds(seen.complete),
    all_read: seen.read ? seconds(seen.read) : null,
    first: seen.first ? seconds(seen.first) : null,
    cpu,
    task: Math.round(seen.task),
    events: Number(seen.events.replaceAll(/\D/g, '')),
    ...(memory && { memory }),
  };
}

/**
 * Watches memory until it is stopped: bytes of all workers' WebAssembly once the results are there, the most they ever
 * had, and the most that the page's process ever held. A WebAssembly memory never shrinks while its worker lives.
 */
async function memoryWatch(page) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  const wasm = async () => {
    const bytes = () => self.footpathMemory?.buffer.byteLength ?? 0;
    // A worker that ends meanwhile has none.
    const all = await Promise.all(page.workers().map((worker) => worker.evaluate(bytes).catch(() => 0)));
    return all.reduce((sum, bytes) => sum + bytes, 0);
  };
  const sample = { peak: 0, renderer: 0 };
  const timer = setInterval(() => {
    sample.renderer = Math.max(sample.renderer, renderers.reduce((sum, id) => sum + anonymousBytes(id), 0));
  }, 20);
  let going = true;
  const polls = (async () => {
    while (going) {
      sample.peak = Math.max(sample.peak, await wasm());
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  return {
    stop: async () => {
      const loaded = await wasm();
      // The file's hash and the sessions for the report come after the results.
      await page.waitForTimeout(2000);
      going = false;
      await polls;
      clearInterval(timer);
      return { loaded, peak: Math.max(sample.peak, loaded, await wasm()), renderer: sample.renderer };
    },
  };
}

/** Memory of a process that is no file's; 0 where /proc does not tell. */
function anonymousBytes(process) {
  try {
    return 1024 * Number(/^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${process}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
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
    const progress = document.querySelector('progress');
    if (/[1-9][\d,]* events/.test(progress?.parentElement.textContent)) bench.first ??= performance.now();
    if (!bench.read && progress?.value === 1) bench.read = performance.now();
    if (!bench.ready && app.dataset.state === 'ready') {
      bench.readying = true;
      // Painted: the second frame after the change.
      requestAnimationFrame(() => requestAnimationFrame(() => (bench.ready ??= performance.now())));
    }
    if (bench.readying && !bench.completing && !('pending' in app.dataset)) {
      bench.completing = true;
      requestAnimationFrame(() => requestAnimationFrame(() => (bench.complete = performance.now())));
    }
  };
  const all = { subtree: true, childList: true, characterData: true, attributes: true };
  new MutationObserver(look).observe(document.body, all);
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
