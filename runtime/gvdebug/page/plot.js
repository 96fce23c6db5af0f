// A plot of several values over the last two minutes, one on top of the other.

import { count, element } from './format.js';
import { span } from './history.js';

const left = 48, right = 8, top = 8, bottom = 22;

/** How many seconds without a snapshot leave a gap. */
const gap = 4;

export class Plot {
  /** series are [name, class]: the lowest one first. */
  constructor(box, title, series) {
    this.svg = svg('svg', { role: 'img', 'aria-label': `${title} over the last two minutes; the latest are listed below` });
    this.grid = this.svg.appendChild(svg('g', { class: 'grid' }));
    this.areas = series.map(([, name]) => this.svg.appendChild(svg('path', { class: `area ${name}` })));
    this.cursor = this.svg.appendChild(svg('line', { class: 'cursor', visibility: 'hidden' }));
    this.legend = series.map(([text, name]) => {
      const value = element('b', '', '–');
      return { value, item: element('li', name, element('span', 'key'), text, value) };
    });
    this.when = element('li', 'when', 'now');
    box.append(this.svg, element('ul', 'legend', ...this.legend.map((l) => l.item), this.when));
    this.points = [];
    this.svg.addEventListener('pointermove', (event) => this.point(event.offsetX));
    this.svg.addEventListener('pointerleave', () => this.point());
    new ResizeObserver(() => this.draw()).observe(this.svg);
  }

  /** Shows points, each a time in seconds and a value for each of the series. */
  update(points) {
    this.points = points;
    this.draw();
  }

  draw() {
    const { width, height } = this.svg.getBoundingClientRect();
    if (width === 0) {
      return;
    }
    const now = this.points.at(-1)?.[0] ?? 0;
    const highest = Math.max(0, ...this.points.map(([, values]) => values.reduce((sum, v) => sum + v, 0)));
    const step = niceStep(highest);
    const limit = step * Math.max(2, Math.ceil(highest / step));
    this.x = (at) => width - right - ((now - at) / span) * (width - left - right);
    this.y = (value) => top + (1 - value / limit) * (height - top - bottom);
    this.svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.drawGrid(limit, step, width, height, now);
    this.drawAreas();
    this.point(this.pointed);
  }

  drawGrid(limit, step, width, height, now) {
    const lines = [];
    for (let value = 0; value <= limit; value += step) {
      const y = Math.round(this.y(value)) + 0.5;
      lines.push(svg('line', { x1: left, x2: width - right, y1: y, y2: y }));
      lines.push(svg('text', { x: left - 8, y: y + 4, 'text-anchor': 'end' }, count(value)));
    }
    for (const [seconds, text, anchor] of [[span, '2 min ago', 'start'], [span / 2, '1 min ago', 'middle'], [0, 'now', 'end']]) {
      lines.push(svg('text', { x: this.x(now - seconds), y: height - 4, 'text-anchor': anchor }, text));
    }
    this.grid.replaceChildren(...lines);
  }

  drawAreas() {
    const visible = this.points.map(([at, values]) => [Math.max(at, this.points.at(-1)[0] - span), values]);
    const pieces = split(visible);
    this.areas.forEach((area, i) => {
      const edge = (piece, n) => piece.map(([at, values]) =>
        `${this.x(at).toFixed(1)},${this.y(values.slice(0, n).reduce((sum, v) => sum + v, 0)).toFixed(1)}`);
      area.setAttribute('d', pieces.map((piece) =>
        `M${edge(piece, i + 1).join('L')}L${edge(piece, i).reverse().join('L')}Z`).join(''));
    });
  }

  /** Has the legend tell of the point nearest to x, or of the last one. */
  point(x) {
    this.pointed = x;
    const distance = (p) => Math.abs(this.x(p[0]) - x);
    const nearest = x === undefined ? this.points.at(-1) : this.points.reduce((a, b) => (distance(b) < distance(a) ? b : a), this.points[0]);
    if (!nearest) {
      return;
    }
    const [at, values] = nearest;
    this.legend.forEach((l, i) => { l.value.textContent = count(values[i]); });
    const ago = Math.round(this.points.at(-1)[0] - at);
    this.when.textContent = ago === 0 ? 'now' : `${ago} s ago`;
    this.cursor.setAttribute('visibility', x === undefined ? 'hidden' : 'visible');
    const to = this.x(at).toFixed(1);
    for (const [name, value] of [['x1', to], ['x2', to], ['y1', this.y(0)], ['y2', top]]) {
      this.cursor.setAttribute(name, value);
    }
  }
}

/** Returns the points in pieces without gaps. */
function split(points) {
  const pieces = [];
  points.forEach((p, i) => {
    if (i === 0 || p[0] - points[i - 1][0] > gap) {
      pieces.push([]);
    }
    pieces.at(-1).push(p);
  });
  return pieces;
}

/** Returns a step of 1, 2 or 5 times a power of ten that divides what there is into two to four. */
function niceStep(highest) {
  const least = Math.max(1, highest / 4);
  const power = 10 ** Math.floor(Math.log10(least));
  return power * [1, 2, 5, 10].find((n) => n * power >= least);
}

function svg(tag, attributes, text = '') {
  const e = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) {
    e.setAttribute(name, value);
  }
  e.textContent = text;
  return e;
}
