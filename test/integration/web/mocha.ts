/** mocha as it is built for browsers: it leaves its class behind as a global. */
import 'mocha/mocha.js';

const { Mocha } = globalThis as unknown as { Mocha: typeof import('mocha') };
export default Mocha;
