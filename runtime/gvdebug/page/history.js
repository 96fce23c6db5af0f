// What has changed between two snapshots.

/** For how long snapshots are kept, in seconds. */
export const span = 120;

/** Snapshots, the oldest first. */
export class History {
  snapshots = [];

  add(snapshot) {
    if (this.snapshots.length > 0 && !follows(snapshot, this.last())) {
      this.snapshots = []; // it is another process
    }
    snapshot.at = Date.parse(snapshot.Time) / 1e3;
    this.snapshots.push(snapshot);
    // The first one is where the line begins that enters from the left.
    while (this.snapshots.length > 2 && this.snapshots[1].at < snapshot.at - span) {
      this.snapshots.shift();
    }
  }

  last() {
    return this.snapshots.at(-1);
  }

  /** Returns the snapshot of so many seconds ago, or the oldest. */
  ago(seconds) {
    const from = this.last().at - seconds - 0.5;
    return this.snapshots.find((s) => s.at >= from);
  }

  /** Returns [time, values] for each snapshot. */
  values(of) {
    return this.snapshots.map((s) => [s.at, of(s)]);
  }

  /** Returns [time, rates] for each but the first: how fast the counters that of returns rise. */
  rates(of) {
    return this.snapshots.slice(1).map((s, i) => [s.at, rates(this.snapshots[i], s, of)]);
  }
}

/** Reports whether a snapshot can be of the same runtime as an earlier one. */
function follows({ Stats: now, Waits }, { Stats: then, Waits: before }) {
  return now.Started >= then.Started && now.Switches >= then.Switches && (Waits === null) === (before === null);
}

/** Returns how fast the counters that of returns have risen, in a second. */
export function rates(from, to, of) {
  const seconds = to.at - from.at;
  const before = of(from);
  return of(to).map((n, i) => (seconds > 0 ? (n - before[i]) / seconds : 0));
}

/** Returns how many waits of a priority each bucket has got. */
export function waits(from, to, priority) {
  const before = from.Waits.Counts[priority];
  return to.Waits.Counts[priority].map((n, i) => n - before[i]);
}

/**
 * Returns the time, in seconds, that a share q of the waits didn't exceed, taking those of a
 * bucket to be spread over it evenly: so it is at most 42% off. It is undefined if there were none.
 */
export function quantile(q, counts, bounds) {
  let rest = q * counts.reduce((sum, n) => sum + n, 0);
  if (rest === 0) {
    return undefined;
  }
  const i = counts.findIndex((n) => (rest -= n) <= 0);
  if (i === counts.length - 1) {
    return bounds[i]; // it has no end
  }
  return bounds[i + 1] + (rest / counts[i]) * (bounds[i + 1] - bounds[i]);
}
