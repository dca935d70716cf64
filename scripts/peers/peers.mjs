// What scripts/bench --peers measures beside the site: native DuckDB, and duckdb-wasm in the same browser.

import { execFileSync } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { serve } from '../server.mjs';
import { CSV_HEAD, csv, load, questions } from './questions.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Seconds that native DuckDB takes with two threads. */
export function native(file) {
  return JSON.parse(execFileSync(process.execPath, [`${here}native.mjs`, file], { encoding: 'utf8' }));
}

/** Writes the events of a file as CSV. */
export async function writeCsv(file, to) {
  const out = createWriteStream(to);
  out.write(CSV_HEAD);
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (!out.write(csv(line))) await new Promise((resolve) => out.once('drain', resolve));
  }
  await new Promise((resolve) => out.end(resolve));
}

/** Seconds that duckdb-wasm takes over a file of CSV, once it is started. */
export async function wasm(browser, file) {
  const server = await serve({ root: here });
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(0);
    await page.goto(`${server.url}wasm.html`);
    await page.waitForFunction(() => window.ready);
    await page.setInputFiles('input', file);
    const reads = (types) => `read_csv('events.csv', header = true, columns = ${types})`;
    return await page.evaluate(([load, questions]) => window.answer(load, questions), [load(reads), questions]);
  } finally {
    await context.close();
    await server.close();
  }
}
