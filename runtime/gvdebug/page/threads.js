// The table of threads, which the server filters and sorts.

import { count, doing, duration, element, priorityMark } from './format.js';
import { showWaiting } from './panels.js';

/** Milliseconds between two looks at the threads, at least. */
const interval = 2000;

/** How many times as long as the last look took there is none: with many threads it takes some processor time. */
const rest = 10;

const get = (id) => document.getElementById(id);

export class Threads {
  constructor() {
    this.form = get('filter');
    this.table = get('threads');
    this.body = this.table.tBodies[0];
    this.sort = 'ID';
    this.form.addEventListener('submit', (event) => event.preventDefault());
    this.form.addEventListener('input', () => this.soon(200));
    for (const th of this.table.querySelectorAll('[data-sort]')) {
      th.querySelector('button').addEventListener('click', () => this.sortBy(th.dataset.sort));
    }
    this.showSort();
  }

  /** Goes on to look, or stops. */
  run(on) {
    this.running = on;
    if (on) {
      this.refresh();
    } else {
      clearTimeout(this.timer);
    }
  }

  /** The first click on a heading sorts up, if that is by name or number, and times down. The next one turns it round. */
  sortBy(field) {
    const first = field === 'ReadyFor' || field === 'RunTime' ? `-${field}` : field;
    const other = first === field ? `-${field}` : field;
    this.sort = this.sort === first ? other : first;
    this.showSort();
    this.refresh();
  }

  showSort() {
    for (const th of this.table.querySelectorAll('[data-sort]')) {
      const sorted = { [th.dataset.sort]: 'ascending', [`-${th.dataset.sort}`]: 'descending' }[this.sort];
      th.setAttribute('aria-sort', sorted ?? 'none');
    }
  }

  soon(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.refresh(), milliseconds);
  }

  async refresh() {
    clearTimeout(this.timer);
    this.request?.abort();
    const request = this.request = new AbortController();
    const began = performance.now();
    try {
      const query = new URLSearchParams(new FormData(this.form));
      query.set('sort', this.sort);
      const response = await fetch(`threads.json?${query}`, { signal: request.signal });
      if (!response.ok) {
        throw new Error(await response.text());
      }
      this.show(await response.json());
    } catch (error) {
      if (request.signal.aborted) {
        return; // the next one is under way
      }
      this.note(`The threads can’t be had: ${error.message}`);
    }
    if (this.running && request === this.request) {
      this.soon(Math.max(interval, rest * (performance.now() - began)));
    }
  }

  show(list) {
    const alive = Object.values(list.Alive).reduce((sum, n) => sum + n, 0);
    const states = Object.entries(list.Alive).map(([state, n]) => `${count(n)} ${state.toLowerCase()}`).join(', ');
    const matching = list.Matching < alive ? `${count(list.Matching)} of ${count(alive)} match` : `${count(alive)} alive`;
    const shown = list.Threads.length < list.Matching ? `, the first ${count(list.Threads.length)} shown` : '';
    get('threads-count').textContent = `${matching}${shown}${states && ' · '}${states}`;
    list.Threads.forEach((thread, i) => fill(this.body.rows[i] ?? this.body.appendChild(newRow()), thread));
    while (this.body.rows.length > list.Threads.length) {
      this.body.deleteRow(-1);
    }
    this.note(alive > 0 && list.Matching === 0 ? 'No thread is like that.' : '');
    showWaiting(list.Waiting);
  }

  note(text) {
    get('threads-note').textContent = text;
    get('threads-note').hidden = text === '';
  }
}

/** The classes of a row's cells, in order. */
const cells = ['id number', 'name', 'own', 'state', 'does', 'ready number', 'ran number', 'goroutine number', 'parent number'];

function newRow() {
  const row = element('tr', '', ...cells.map((name) => {
    const cell = element('td', name);
    cell.role = 'cell';
    return cell;
  }));
  row.role = 'row';
  return row;
}

/** Shows a thread in a row, of which only what has changed is touched. */
function fill(row, thread) {
  const texts = [
    thread.ID, thread.Name, `${thread.Priority} ${thread.Effective}`, thread.State, doing(thread),
    thread.ReadyFor ? duration(thread.ReadyFor) : '', thread.RunTime ? duration(thread.RunTime) : '',
    thread.Goroutine || '', thread.Parent || '',
  ];
  texts.forEach((text, i) => {
    const cell = row.cells[i];
    text = `${text}`;
    if (cell.value === text) {
      return;
    }
    cell.value = text;
    if (cells[i] === 'own') {
      cell.replaceChildren(priorityMark(thread.Priority, thread.Effective));
    } else {
      cell.textContent = text;
    }
  });
  row.cells[1].title = thread.Name;
  row.dataset.state = thread.State;
}
