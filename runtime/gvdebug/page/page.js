// The page: a stream of snapshots, and the table of threads.

import { byPriority, priorities } from './format.js';
import { History } from './history.js';
import { showCapabilities, showTiles, showTimes, showWorkers } from './panels.js';
import { Plot } from './plot.js';
import { Threads } from './threads.js';

const history = new History();
const threads = new Threads();
const pause = document.getElementById('pause');
const status = document.getElementById('status');

const ready = new Plot(document.getElementById('ready'), 'Ready threads', priorities.map((p) => [p, p.toLowerCase()]));
const preemptions = new Plot(document.getElementById('preemptions'), 'Preemptions per second', [
  ['by force', 'forced'], ['at safepoints', 'cooperative'], ['worker taken', 'handoff'], ['boosted', 'boost'],
]);

let source, lost, paused = false, closed = false;

/** Says how the page stands, which looks like one of live, waiting and over. */
function say(text, looks) {
  if (status.textContent !== text) {
    status.textContent = text;
    status.dataset.is = looks;
  }
}

function show(snapshot) {
  history.add(snapshot);
  showTiles(history);
  showWorkers(snapshot.Running);
  showTimes(history);
  ready.update(history.values(({ Stats: s }) => byPriority(s.Ready)));
  preemptions.update(history.rates(({ Stats: s }) => [s.Forced, s.Cooperative, s.Handoffs, s.Boosts]));
  if (snapshot.Stats.Closed) {
    closed = true;
    run();
    threads.refresh();
  }
}

async function loadCapabilities() {
  const response = await fetch('capabilities.json');
  if (response.ok) {
    showCapabilities(await response.json());
  }
}

/** Begins or ends the stream, as it is to be: somebody looks, and there is something to see. */
function run() {
  const on = !paused && !closed && !document.hidden;
  source?.close();
  clearTimeout(lost);
  threads.run(on);
  if (closed) {
    say('Runtime closed', 'over');
    pause.disabled = true;
  } else if (paused) {
    say('Paused', 'over');
  }
  if (!on) {
    return;
  }
  source = new EventSource('events');
  source.onopen = () => {
    clearTimeout(lost);
    say('Live', 'live');
    loadCapabilities().catch(() => {}); // the stream has ended, too, and says so
  };
  source.onmessage = (event) => show(JSON.parse(event.data));
  source.onerror = () => {
    clearTimeout(lost);
    if (source.readyState === EventSource.CLOSED) {
      say('No events to be had', 'over');
    } else {
      // The server ends each stream after a minute, and the browser asks for the next one.
      lost = setTimeout(say, 3000, 'Reconnecting', 'waiting');
    }
  };
}

pause.addEventListener('click', () => {
  paused = !paused;
  pause.textContent = paused ? 'Go on' : 'Pause';
  run();
});
document.addEventListener('visibilitychange', run);
run();
