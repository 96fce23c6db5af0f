// How things are said: numbers, times, threads.

export const priorities = ['Critical', 'High', 'Normal', 'Low'];

/** Returns what an object has for each priority, in their order. */
export function byPriority(values) {
  return priorities.map((priority) => values[priority]);
}

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** Returns a count; from a million on it is rounded. */
export function count(n) {
  return n < 1e6 ? whole.format(n) : short.format(n);
}

/** Returns a time in nanoseconds with so many digits; one of a minute or more to a second. */
export function duration(ns, digits = 3) {
  const units = [[1e9, 's'], [1e6, 'ms'], [1e3, 'µs'], [1, 'ns']];
  if (ns >= 60e9) {
    const s = Math.round(ns / 1e9);
    const [h, m] = [Math.floor(s / 3600), Math.floor(s / 60) % 60];
    return h > 0 ? `${h} h ${m} min` : `${m} min ${s % 60} s`;
  }
  const [size, unit] = units.find(([size]) => ns >= size) ?? [1, 'ns'];
  const n = Number((ns / size).toPrecision(digits));
  const decimals = unit === 'ns' ? 0 : Math.max(0, digits - 1 - Math.floor(Math.log10(n)));
  return `${n.toFixed(decimals)} ${unit}`;
}

/** Returns a share with as many digits as it deserves. */
export function percent(share) {
  const n = 100 * share;
  return n > 0 && n < 0.1 ? '< 0.1%' : `${n.toFixed(n >= 10 || n === 0 ? 0 : 1)}%`;
}

/** Returns what a running or waiting thread does. */
export function doing(thread) {
  const parts = [];
  if (thread.Worker) {
    parts.push(`on worker ${thread.Worker}`);
  } else if (thread.State === 'Running') {
    parts.push('without a worker');
  }
  if (thread.Waits) {
    parts.push(thread.State === 'Blocked' ? `waits ${thread.Waits}` : thread.Waits);
  }
  if (thread.Cancelled) {
    parts.push('cancelled');
  }
  return parts.join(', ');
}

/**
 * Returns a new element. What a thread is called gets into the page here, as text: nothing
 * else makes any.
 */
export function element(tag, className, ...content) {
  const e = document.createElement(tag);
  e.className = className;
  e.append(...content);
  return e;
}

/** Returns a mark for a priority, with the one in force if that differs. */
export function priorityMark(own, effective = own) {
  const text = effective === own ? own : `${own} as ${effective}`;
  const mark = element('span', 'priority', text);
  mark.dataset.priority = effective;
  return mark;
}
