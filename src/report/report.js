// Two comforts of the report, which is complete without them: tables can be sorted, and a link opens what it leads to.
'use strict';

const text = new Intl.Collator();

function compare(a, b) {
  if (a.dataset.value !== undefined && b.dataset.value !== undefined) return a.dataset.value - b.dataset.value;
  return text.compare(a.textContent, b.textContent);
}

function sort(table, header, column) {
  const body = table.tBodies[0];
  const first = header.classList.contains('number') ? 'descending' : 'ascending';
  const other = { ascending: 'descending', descending: 'ascending' };
  const order = other[header.getAttribute('aria-sort')] ?? first;
  const sign = order === 'ascending' ? 1 : -1;
  const empty = (row) => row.cells[column].classList.contains('empty');
  const rows = [...body.rows].sort((a, b) =>
    empty(a) - empty(b) || sign * compare(a.cells[column], b.cells[column]));
  for (const cell of header.parentElement.cells) cell.removeAttribute('aria-sort');
  header.setAttribute('aria-sort', order);
  body.append(...rows);
}

for (const table of document.querySelectorAll('table.sortable')) {
  [...table.tHead.rows[0].cells].forEach((header, column) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...header.childNodes);
    button.addEventListener('click', () => sort(table, header, column));
    header.append(button);
  });
}

function open(hash) {
  const target = hash.length > 1 ? document.getElementById(hash.slice(1)) : null;
  const details = target?.closest('details');
  if (!details) return;
  details.open = true;
  target.scrollIntoView();
}

document.addEventListener('click', (event) => {
  const link = event.target.closest('a[href^="#"]');
  if (link) open(link.hash);
});
window.addEventListener('hashchange', () => open(location.hash));
open(location.hash);
