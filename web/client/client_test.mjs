// The browser client against a browser of our own making: fake connections, fake clock, fixed dice.
import './options_test.mjs';
import './number_test.mjs';
import './reconnect_test.mjs';
import './leaving_test.mjs';
import './element_test.mjs';
import './property_test.mjs';
import './storm_test.mjs';
import './built_files_test.mjs';
import './package_test.mjs';
