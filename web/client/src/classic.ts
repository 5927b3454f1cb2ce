// client.js, the classic script.

import { connect } from './connect';
import { defineElement } from './element';
import { formatNumber } from './format';
import { setScriptUrl } from './hosts';

setScriptUrl((document.currentScript as HTMLScriptElement | null)?.src || location.href);
window.watchly = window.livecounter = { connect, formatNumber };
defineElement();
