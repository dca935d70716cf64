// What is no events file is refused in one sentence, what is damaged is counted, and the page goes on working.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { show } from './screen.mjs';
import {
  assertUsable, demoFile, dropFile, figures, figuresOf, line, openFile, openSite, temporaryFile, waitForProblem,
  waitForState,
  waitForWorkers,
} from './support.mjs';

const timeout = 30_000;
const CHOOSE = 'Choose a file of events: JSON, CSV, Parquet or a log.';
const CANNOT_READ = `which Footpath cannot read yet. ${CHOOSE}`;
const HTML =
  'This is a web page (HTML), not an events file. If you opened a link, check that it leads to the file itself.';
const SAVED_PAGE = fileURLToPath(
  new URL('../../../shared/data/layouts/negative/html-saved-as-json.json', import.meta.url),
);

/** What it is, the file's name, what it holds, and what is to be said. */
const REFUSED = [
  ['a table of too few columns', 'events.csv', 'user,path\n1,/\n',
    'This is a table, but no column of it is called like a time, or none like a page or an event: “user”, “path”. ' +
      'Name them so, or say which is which: on the command line with --map, or in a settings file (mapping).'],
  ['text', 'notes.txt', 'Some notes.\nNo table, and no JSON.\n',
    'This is no events file that Footpath can read: neither lines of JSON nor a table whose first line names its ' +
      `columns. ${CHOOSE}`],
  ['a report that Footpath saved', 'report.html',
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="generator" content="footpath 0.1.0">',
    'This is a report that Footpath saved, not an events file. Open it in a browser, or choose the events file it was ' +
      'made from.'],
  ['an empty file', 'empty.json', '', `The file is empty: it holds no records. ${CHOOSE}`],
  ['an empty list', 'none.json', '[]', `The file is empty: it holds no records. ${CHOOSE}`],
  ['blank lines', 'blank.json', '\n \n\r\n',
    `No events found: the file holds nothing but blank lines. ${CHOOSE}`],
  ['a binary file', 'events.bin', Buffer.from([7, 0, 1, 2, 0, 255]), `This is a binary file, not text. ${CHOOSE}`],
  ['a gzip file that ends too early', 'events.json.gz', gzipSync(line()).subarray(0, 40),
    'The gzip file is damaged or ends too early. Download or copy it again.'],
  ['a gzip bomb', 'bomb.json.gz', gzipSync(Buffer.alloc(100 << 20, ' '), { level: 9 }), /^This compressed file would become more than \d{3,4} times its size/],
  ['a list of numbers', 'list.json', '[1, 2, 3]', `This is one JSON list, ${CANNOT_READ}`],
  ['a web page saved as JSON', 'events.json', '<!DOCTYPE html>\n<html><body>Sign in</body></html>', HTML],
  ['lines of which none is an event', 'other.json', '{"a": 1}\n{"b": 2}\n\n{"c": 3}\n',
    'No events found: all 3 lines were rejected. Line 1: the field “session_id” (session) is missing or empty.'],
];

test('what is no events file is refused in one sentence', { timeout: 60_000 }, async (t) => {
  const { page, problems } = await openSite(t);
  for (const [what, name, content, sentence] of REFUSED) {
    await t.test(what, { timeout }, async (t) => {
      await dropFile(page, await temporaryFile(t, name, content));
      // What was open before stays until it is known that the file is no saved report.
      await page.waitForSelector('.app[data-state=error]');
      const said = await waitForProblem(page);
      if (sentence instanceof RegExp) assert.match(said, sentence);
      else assert.equal(said, sentence);
      await assertUsable(t, page);
    });
  }
  assert.deepEqual(problems, []);
});

const skip = !existsSync(SAVED_PAGE) && `there is no ${path.basename(SAVED_PAGE)}`;
test('a real web page saved as JSON is refused', { timeout, skip }, async (t) => {
  const { page, problems } = await openSite(t);
  await dropFile(page, SAVED_PAGE);
  assert.equal(await waitForProblem(page), HTML);
  await assertUsable(t, page);
  assert.deepEqual(problems, []);
});

test('lines that are no events are counted and listed with their reasons', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  const lines = [
    line(),
    line({ session_id: undefined }),
    line({ event_time: undefined }),
    line({ event_time: 'soon' }),
    line({ path: '' }),
    'not JSON',
    '[1]',
    line({ path: '/last' }),
    line({ path: '/cut' }).slice(0, -20),
  ];
  const file = await temporaryFile(t, 'damaged.jsonl', lines.join('\n'));
  await openFile(page, file);
  const { events, sessions, rejected } = await figures(page);
  assert.deepEqual({ events, sessions, rejected }, { events: '2', sessions: '1', rejected: '7' });
  assert.deepEqual(await rejectedLines(page), [
    ['Line 2', 'the field “session_id” (session) is missing or empty'],
    ['Line 3', 'the field “event_time” (time) is missing or empty'],
    ['Line 4', 'the field “event_time” holds no readable time'],
    ['Line 5', 'the field “path” (page) is missing or empty'],
    ['Line 6', 'not valid JSON'],
    ['Line 7', 'JSON, but not an object with fields'],
    ['Line 9', 'the record ends in its middle'],
  ]);
  await assertUsable(t, page);
  assert.deepEqual(problems, []);
});

test('a line of 50 MB is rejected, and the lines beside it are read', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  const long = line({ text: 'x'.repeat(50_000_000) });
  const file = await temporaryFile(t, 'long.jsonl', [line(), long, line({ path: '/after' }), ''].join('\n'));
  await openFile(page, file);
  const { events, rejected } = await figures(page);
  assert.deepEqual({ events, rejected }, { events: '2', rejected: '1' });
  assert.deepEqual(await rejectedLines(page), [['Line 2', 'longer than 8 MiB']]);
  await assertUsable(t, page);
  assert.deepEqual(problems, []);
});

test('a file that is removed while it is read is said to be unreadable', { timeout }, async (t) => {
  const { page } = await openSite(t);
  const file = await demoFile(t, 600_000);
  await dropFile(page, file);
  await rm(file);
  assert.match(await waitForProblem(page), /^The file could not be read: .+/);
  await assertUsable(t, page);
});

test('reading is cancelled, and nothing comes of it later', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  await dropFile(page, await demoFile(t, 600_000));
  await waitForState(page, 'loading');
  await page.locator('.loading progress').waitFor();
  // The size stands there once reading has begun.
  await page.locator('.loading', { hasText: /Reading demo-600000\.jsonl.*of \d+\.\d MB/s }).waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await waitForState(page, 'idle');
  await page.waitForTimeout(1000);
  assert.equal(await page.locator('.app').getAttribute('data-state'), 'idle');
  await waitForWorkers(page, 0);
  await assertUsable(t, page);
  assert.deepEqual(problems, []);
});

test('a file dropped while another is read takes its place', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  const small = await demoFile(t, 300);
  await dropFile(page, await demoFile(t, 600_000));
  await waitForState(page, 'loading');
  await openFile(page, small);
  await page.waitForTimeout(1000);
  assert.equal(await page.locator('.file b').textContent(), path.basename(small));
  assert.deepEqual(await figures(page), figuresOf(small));
  await waitForWorkers(page, 1);
  assert.deepEqual(problems, []);
});

/** The table of rejected lines, in the view of the data: number and reason. */
async function rejectedLines(page) {
  await show(page, 'Data');
  const rows = page.getByRole('region', { name: 'Rejected lines' }).locator('tbody tr');
  return rows.evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
}

test('times far off are times: the year 9999 stands for "for ever", the year 1 for "unknown"', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  const times = ['9999-12-31 00:00:00', '0001-01-01 00:00:00', '2025-01-01 09:00:00'];
  const file = await temporaryFile(t, 'far.jsonl', times.map((event_time) => line({ event_time })).join('\n'));
  await openFile(page, file);
  assert.equal((await figures(page)).events, '3');
  assert.deepEqual(problems, []);
});
