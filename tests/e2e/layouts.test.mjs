// Files of other tools open by themselves: the page says as what it read them, and the address carries it.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { dropFile, footpath, openFile, openSite, save, temporaryFile, waitForReady } from './support.mjs';

const timeout = 60_000;

const POSTHOG = `uuid,event,properties,distinct_id,timestamp,elements_chain
1,$pageview,"{""$pathname"": ""/"", ""$session_id"": ""s1""}",u1,2024-05-01 10:00:00.120000+00:00,
2,$autocapture,"{""$pathname"": ""/"", ""$session_id"": ""s1"", ""$el_text"": ""Sign up""}",u1,2024-05-01 10:00:09+00:00,a.cta
3,$pageview,"{""$current_url"": ""https://app.example.org/signup?x=1"", ""$session_id"": ""s1""}",u1,2024-05-01 10:00:11+00:00,
4,$identify,"{""$session_id"": ""s1""}",u1,2024-05-01 10:00:12+00:00,
5,$pageview,"{""$pathname"": ""/"", ""$session_id"": ""s2""}",u2,2024-05-01 11:00:00+00:00,
`;

const SHOP = 'visitor;timestamp;action\n7;1740823200;home\n7;1740823260;cart\n8;1740823260;home\n7;1740830000;home\n';

test('a table of a tool is read as what it is', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  const file = await temporaryFile(t, 'posthog.csv', POSTHOG);
  await openFile(page, file);
  assert.equal(await page.locator('[data-metric=events]').textContent(), '4');
  assert.equal(await page.locator('[data-metric=sessions]').textContent(), '2');
  await page.getByRole('link', { name: 'Data', exact: true }).first().click();
  const main = page.locator('main');
  await main.getByText('Read as a PostHog export.').waitFor();
  await main.getByRole('cell', { name: 'not an action of a user, but a note of the tool' }).waitFor();
  const json = (await save(page, 'Download JSON')).bytes;
  assert.equal(json.toString(), footpath('analyze', file, '--format', 'json').toString());
  assert.deepEqual(problems, []);
});

test('a JSON list is read as its records', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  const records = [0, 1, 2].map((n) => ({
    EventType: 'click', EventStart: `2024-05-20T10:0${n}:00Z`, SessionId: 303, UserId: 202, PageUrl: `https://example.org/p${n}`,
  }));
  await openFile(page, await temporaryFile(t, 'list.json', JSON.stringify(records, null, 2)));
  assert.equal(await page.locator('[data-metric=events]').textContent(), '3');
  await page.getByRole('link', { name: 'Data', exact: true }).first().click();
  await page.locator('main').getByText('Read as a FullStory export.').waitFor();
  assert.deepEqual(problems, []);
});

test('the next file is recognised anew', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  await openFile(page, await temporaryFile(t, 'posthog.csv', POSTHOG));
  await page.getByRole('button', { name: 'Open another file' }).click();
  await openFile(page, await temporaryFile(t, 'shop.csv', SHOP));
  assert.equal(await page.locator('[data-metric=events]').textContent(), '4');
  // More than half an hour apart.
  assert.equal(await page.locator('[data-metric=sessions]').textContent(), '3');
  await page.getByRole('link', { name: 'Data', exact: true }).first().click();
  await page.locator('main').getByText('Read as a file with fields of its own.').waitFor();
  assert.match(decodeURIComponent(page.url()), /"session":"@user"/);
  await waitForReady(page);
  assert.deepEqual(problems, []);
});

const STRANGE = 'a,b,c,d\nu1,2025-03-01 10:00:00,/home,x\nu1,2025-03-01 10:00:09,/cart,y\nu2,2025-03-01 10:00:00,/home,z\nu2,soon,/home,z\n';

test('somebody says which field is what, and is not asked again', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  const file = await temporaryFile(t, 'strange.csv', STRANGE);
  await dropFile(page, file);
  await page.getByRole('heading', { name: 'Which field is what?' }).waitFor();
  const open = page.getByRole('button', { name: 'Open the file' });
  // The user, the time and the page are told by what the fields hold.
  assert.equal(await page.getByLabel('User', { exact: true }).inputValue(), 'a');
  assert.equal(await page.getByLabel('Time', { exact: true }).inputValue(), 'b');
  assert.equal(await page.getByLabel('Page or event', { exact: true }).inputValue(), 'c');
  await page.getByLabel('Time', { exact: true }).selectOption('');
  await page.getByText('None of the first 4 records is an event yet.').waitFor();
  assert.ok(await open.isDisabled());
  await page.getByLabel('Time', { exact: true }).selectOption('b');
  await page.getByText('3 of the first 4 records are events.').waitFor();
  await page.getByText('1 record: the field “b” holds no readable time').waitFor();
  await open.click();
  await waitForReady(page);
  assert.equal(await page.locator('[data-metric=events]').textContent(), '3');
  assert.equal(await page.locator('[data-metric=sessions]').textContent(), '2');
  const json = (await save(page, 'Download JSON')).bytes.toString();
  const said = ['--map', 'user=a', '--map', 'time=b', '--map', 'page=c'];
  assert.equal(json, footpath('analyze', file, '--format', 'json', ...said).toString());
  // The same fields again.
  await page.getByRole('button', { name: 'Open another file' }).click();
  await openFile(page, file);
  assert.equal(await page.locator('[data-metric=events]').textContent(), '3');
  assert.deepEqual(problems, []);
});

test('the fields of an open file can be chosen anew, or left as they are', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  await openFile(page, await temporaryFile(t, 'shop.csv', SHOP));
  await page.getByRole('link', { name: 'Data', exact: true }).first().click();
  await page.getByRole('button', { name: 'Choose other fields' }).click();
  await page.getByRole('heading', { name: 'Which field is what?' }).waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: 'Data', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Choose other fields' }).click();
  // A user for a session: nothing parts visits any more.
  await page.getByLabel('Session', { exact: true }).selectOption('visitor');
  await page.getByText('All of the first 4 records are events.').waitFor();
  await page.getByRole('button', { name: 'Read it so' }).click();
  await waitForReady(page);
  await page.getByRole('link', { name: 'Findings' }).first().click();
  assert.equal(await page.locator('[data-metric=sessions]').textContent(), '2');
  assert.deepEqual(problems, []);
});

test('files in archives and in encodings of old open', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  const utf16 = Buffer.from(`\ufeff${SHOP}`, 'utf16le');
  await openFile(page, await temporaryFile(t, 'shop.csv', utf16));
  assert.equal(await page.locator('[data-metric=events]').textContent(), '4');
  await page.getByRole('button', { name: 'Open another file' }).click();
  const zip = storedZip([['monday.csv', SHOP], ['days/tuesday.csv', SHOP.replaceAll('1740', '1741')]]);
  const file = await temporaryFile(t, 'shop.zip', zip);
  await openFile(page, file);
  assert.equal(await page.locator('[data-metric=events]').textContent(), '8');
  const json = (await save(page, 'Download JSON')).bytes.toString();
  assert.equal(json, footpath('analyze', file, '--format', 'json').toString());
  assert.deepEqual(problems, []);
});

/** A zip archive whose members are stored as they are. */
function storedZip(members) {
  const [files, directory] = [[], []];
  let at = 0;
  for (const [name, text] of members) {
    const [bytes, called] = [Buffer.from(text), Buffer.from(name)];
    const sizes = Buffer.alloc(16);
    sizes.writeUInt32LE(crc32(bytes), 0);
    sizes.writeUInt32LE(bytes.length, 4);
    sizes.writeUInt32LE(bytes.length, 8);
    sizes.writeUInt16LE(called.length, 12);
    const head = Buffer.concat([Buffer.from('504b03041400000000000000' + '2100', 'hex'), sizes]);
    const entry = Buffer.concat([Buffer.from('504b010214001400000000000000' + '2100', 'hex'), sizes, Buffer.alloc(14), called]);
    entry.writeUInt32LE(at, 42);
    files.push(head, called, bytes);
    directory.push(entry);
    at += head.length + called.length + bytes.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...files, listed, end]);
}

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

test('what was said of other values under the same names is asked again', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  await dropFile(page, await temporaryFile(t, 'strange.csv', STRANGE));
  await page.getByRole('button', { name: 'Open the file' }).click();
  await waitForReady(page);
  // The same names, with the time and the page elsewhere.
  const turned = STRANGE.trim().split('\n').map((line) => line.split(',')).map(([a, b, c, d]) => [a, d, c, b].join(',')).join('\n');
  const other = turned.replace('a,d,c,b', 'a,b,c,d');
  await page.getByRole('button', { name: 'Open another file' }).click();
  await dropFile(page, await temporaryFile(t, 'turned.csv', other));
  await page.getByRole('heading', { name: 'Which field is what?' }).waitFor();
  assert.equal(await page.getByLabel('Time', { exact: true }).inputValue(), 'd');
  await page.getByRole('button', { name: 'Open the file' }).click();
  await waitForReady(page);
  assert.equal(await page.locator('[data-metric=events]').textContent(), '3');
  assert.deepEqual(problems, []);
});
