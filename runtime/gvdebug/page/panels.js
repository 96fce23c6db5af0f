// What is shown of the latest snapshot, besides the plots.

import { byPriority, count, duration, element, percent, priorities, priorityMark } from './format.js';
import { quantile, rates, waits } from './history.js';

const get = (id) => document.getElementById(id);

/** Over how many seconds rates and waits are taken. */
const recent = 10;

export function showTiles(history) {
  const now = history.last();
  const stats = now.Stats;
  const [switches, preemptions, started] = rates(history.ago(recent), now,
    ({ Stats: s }) => [s.Switches, s.Cooperative + s.Forced, s.Started]);
  const rate = (n) => (history.snapshots.length > 1 ? count(n) : '–');
  const tiles = [
    ['Threads', count(stats.Threads)],
    ['Ready', count(byPriority(stats.Ready).reduce((sum, n) => sum + n, 0))],
    ['Workers busy', `${stats.Workers - stats.Idle} / ${stats.Workers}`],
    ['Switches/s', rate(switches)],
    ['Preemptions/s', rate(preemptions)],
    ['Started/s', rate(started)],
  ];
  get('tiles').replaceChildren(...tiles.map(([name, value]) =>
    element('div', '', element('dt', '', name), element('dd', '', value))));
}

export function showWorkers(running) {
  get('workers').replaceChildren(...running.map((thread, i) => {
    const number = element('span', 'worker', `${i + 1}`);
    if (thread.ID === 0) {
      return element('li', 'idle', number, element('div', 'name', 'idle'));
    }
    const what = [thread.Waits || 'runs', thread.RunTime && `${duration(thread.RunTime)} so far`, thread.Cancelled && 'cancelled'];
    return element('li', '', number,
      element('div', 'thread', named(thread), element('p', 'about', what.filter(Boolean).join(', '))),
      priorityMark(thread.Priority, thread.Effective));
  }));
}

/** Returns the name and number of a thread. */
function named(thread) {
  const name = element('div', 'name', thread.Name || 'unnamed', element('small', '', `#${thread.ID}`));
  name.title = thread.Name;
  return name;
}

export function showTimes(history) {
  const now = history.last();
  const on = now.Waits !== null;
  get('times').hidden = !on;
  get('times-off').hidden = on;
  if (!on) {
    return;
  }
  const from = history.ago(recent);
  const ran = rates(from, now, ({ Stats: s }) => byPriority(s.RunTime)).map((ns) => ns / 1e9 / now.Stats.Workers);
  get('times').querySelector('tbody').replaceChildren(...priorities.map((priority, i) => {
    const counts = waits(from, now, i);
    const wait = (q) => {
      const seconds = quantile(q, counts, now.Waits.Bounds);
      return number(seconds === undefined ? '–' : duration(seconds * 1e9, 2));
    };
    const turns = counts.reduce((sum, n) => sum + n, 0) / Math.max(1, now.at - from.at);
    return element('tr', '', heading(priorityMark(priority)), wait(0.5), wait(0.99), number(count(turns)), number(percent(ran[i])));
  }));
  get('share').replaceChildren(...priorities.map((priority, i) => {
    const part = element('span', 'priority');
    part.dataset.priority = priority;
    part.style.flexGrow = ran[i];
    return part;
  }), idle(1 - ran.reduce((sum, share) => sum + share, 0)));
}

function heading(content) {
  const th = element('th', '', content);
  th.scope = 'row';
  return th;
}

function number(text) {
  return element('td', 'number', text);
}

/** Returns what is left of the bar that shows how the workers' time is shared. */
function idle(share) {
  const part = element('span', '');
  part.style.flexGrow = Math.max(0, share);
  return part;
}

export function showWaiting(threads) {
  const longest = threads[0]?.ReadyFor ?? 0;
  const items = threads.map((thread) => {
    const bar = element('span', 'bar');
    bar.dataset.priority = thread.Effective;
    bar.style.width = `${(100 * thread.ReadyFor) / longest}%`;
    return element('li', '', named(thread), priorityMark(thread.Priority, thread.Effective),
      element('b', '', duration(thread.ReadyFor)), element('div', 'track', bar));
  });
  get('waiting').replaceChildren(...(items.length > 0 ? items : [element('li', 'none', 'No thread waits for a worker.')]));
}

export function showCapabilities(c) {
  get('summary').textContent = `${c.Engine} engine, ${c.Forced ? 'preempts by force' : 'preempts at safepoints'}`;
  const items = [
    ['Engine', c.Engine, c.EngineReason, c.Engine === 'Native'],
    ['Preemption by force', c.Forced ? 'yes' : 'no', c.ForcedReason, c.Forced],
    ['Bound for stacks', c.MaxStack ? 'yes' : 'no', c.MaxStackReason, c.MaxStack],
    ['Precise timer', c.Timer ? 'no' : 'yes', c.Timer, !c.Timer],
    ['Processors', c.Processors ? 'too few' : 'as needed', c.Processors, !c.Processors],
    ['Stacks', c.Stacks, '', true],
    ['GVTHREAD', c.Environment || 'not set', '', true],
  ];
  get('capabilities').replaceChildren(...items.map(([name, value, reason, good]) => {
    const item = element('div', good ? 'good' : 'lacking', element('dt', '', name), element('dd', '', value));
    if (reason) {
      item.append(element('dd', 'reason', reason));
    }
    return item;
  }));
}
