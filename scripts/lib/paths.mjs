/** Where things are; nothing here needs an npm package. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** What the scripts install for tests and for `npm start`; never committed. */
export const cacheFolder = path.join(root, '.cache');

/** Logs, reports, screenshots and masks that the scripts and tests write. */
export const outputFolder = path.join(root, 'test-output');

/** Sample pictures that ship with the extension. */
export const samplesFolder = path.join(root, 'media/samples');
