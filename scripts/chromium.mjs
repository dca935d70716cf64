// The system's Chromium, as the browser tests and the bench start it.

import { execFileSync } from 'node:child_process';

import { chromium } from 'playwright-core';

/** A headless browser that asks nothing of the network by itself; `args` are passed on to it. */
export function launchChromium(args = []) {
  return chromium.launch({
    executablePath: findChromium(),
    args: [
      ...args,
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-gpu',
      '--disable-sync',
      '--no-first-run',
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  });
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
