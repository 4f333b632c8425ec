/** The host of this bundle: the launcher of the web has the other one bundled in its place. */
export { host } from './host.node';
