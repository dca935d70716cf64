// The questions as both kinds of DuckDB are asked them.

import { readFileSync } from 'node:fs';

const COLUMNS = ['uuid', 'user_id', 'session_id', 'path', 'css', 'text', 'value', 'event_time'];

/** The statement that loads what a table function reads as text. */
export function load(reads) {
  const types = `{${COLUMNS.map((name) => `${name}: 'VARCHAR'`).join(', ')}}`;
  return `create table loaded as select * exclude (uuid, event_time), try_cast(event_time as timestamp) as time
    from ${reads(types)}`;
}

/** Statement by statement. */
export const questions = readFileSync(new URL('questions.sql', import.meta.url), 'utf8')
  .replaceAll(/^--.*$/gm, '')
  .split(/;$/m)
  .map((statement) => statement.trim())
  .filter(Boolean);

/** A line of events as a line of CSV; nothing for what is no JSON. */
export function csv(line) {
  let event;
  try {
    event = JSON.parse(line);
  } catch {
    return '';
  }
  return `${COLUMNS.map((name) => `"${String(event[name] ?? '').replaceAll('"', '""')}"`).join(',')}\n`;
}

export const CSV_HEAD = `${COLUMNS.join(',')}\n`;
