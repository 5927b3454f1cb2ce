// client.mjs, the ES module.

import { defineElement } from './element';
import { setScriptUrl } from './hosts';

export { connect } from './connect';
export { formatNumber } from './format';

setScriptUrl(import.meta.url);
defineElement();
