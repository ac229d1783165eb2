/** What pages can do only with a script. Everything else works without one. */
import { offerCopying } from './copy.js';
import { followJob } from './live.js';
import { keepFresh } from './refresh.js';
import { prepareReschedule } from './reschedule.js';
import { keepTimes, showTimes } from './times.js';

/** Again after every change of the page: all of these can be repeated. */
function enhance() {
  showTimes();
  offerCopying();
  prepareReschedule();
}

enhance();
keepTimes();
followJob(enhance);
keepFresh(enhance);
