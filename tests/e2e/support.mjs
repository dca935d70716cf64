// What the browser tests share: a browser, the built site under a sub-path, and servers for files.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

import { serve } from '../../scripts/server.mjs';

// The npm packages live beside the scripts, where plain imports from here do not look.
const require = createRequire(new URL('../../scripts/package.json', import.meta.url));
const { chromium } = require('playwright-core');

export const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));
/** The site has to work from any path, so the tests serve it from below one. */
export const BASE = '/deep/sub/';

/** Serves the built site; closed when the test ends. */
export async function serveSite(t) {
  assert.ok(existsSync(path.join(DIST, 'index.html')), 'dist/ holds no site: run scripts/build first');
  return serveFiles(t, DIST, { base: BASE });
}

/** Serves a folder from an origin of its own, without CORS headers unless `cors`; closed when the test ends. */
export async function serveFiles(t, root, { base = '/', cors = false } = {}) {
  const server = await serve({ root, base, cors });
  t.after(server.close);
  return server;
}

let browser;
after(() => browser?.close());

/** The system's Chromium, one per test file. */
export async function launch() {
  browser ??= await chromium.launch({
    executablePath: findChromium(),
    args: [
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-gpu',
      '--disable-sync',
      '--no-first-run',
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  });
  return browser;
}

function findChromium() {
  const names = [process.env.CHROMIUM, 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  for (const name of names.filter(Boolean)) {
    try {
      return execFileSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', name], { encoding: 'utf8' }).trim();
    } catch {
      // not this one
    }
  }
  throw new Error('no Chromium found: run scripts/setup test, or set CHROMIUM to the program');
}

/** A new page in a profile of its own, and the list of what goes wrong in it. Closed when the test ends. */
export async function newPage(t, contextOptions = {}) {
  const context = await (await launch()).newContext(contextOptions);
  t.after(() => context.close());
  const page = await context.newPage();
  return { page, problems: collectProblems(page) };
}

/** Opens the built site, at `hash` if given, and waits for the app to start. */
export async function openSite(t, { hash = '', contextOptions } = {}) {
  const site = await serveSite(t);
  const { page, problems } = await newPage(t, contextOptions);
  await page.goto(site.url + hash);
  await page.waitForSelector('body > *:not(noscript):not(script)', { state: 'attached' });
  return { page, problems, site };
}

/** Collects, from now on, the errors a page logs or throws. */
export function collectProblems(page) {
  const problems = [];
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => problems.push(`page: ${error.stack ?? error}`));
  return problems;
}

/** The source text of axe-core, for `page.evaluate`. */
export function axeSource() {
  return require('axe-core').source;
}
