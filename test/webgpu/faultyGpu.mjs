/**
 * Dawn with a fault, named by this module's query: `noAdapter`, `noDevice`, or what happens at the twentieth submit: `lost`,
 * `invalid`, `memory`, `exit`, or `crash` as a driver's would be; `crashAtOnce` does it before there is an adapter, and
 * `lostOnSignal` loses the device at SIGUSR2.
 */
import { create as createDawn, globals as dawn } from 'webgpu';

const fault = new URL(import.meta.url).search.slice(1);

export const globals = /** @type {Record<string, any>} */ (dawn);

/** @param {readonly string[]} flags */
export function create(flags) {
	if (fault === 'crashAtOnce') {
		process.kill(process.pid, 'SIGSEGV');
	}
	if (fault === 'noAdapter') {
		return { requestAdapter: async () => null };
	}
	const { prototype } = globals.GPUAdapter;
	const { requestDevice } = prototype;
	/** @param {...any} args */
	prototype.requestDevice = async function (...args) {
		if (fault === 'noDevice') {
			throw new Error('the driver has none left');
		}
		const device = await requestDevice.apply(this, args);
		if (fault === 'lostOnSignal') {
			process.on('SIGUSR2', () => device.destroy());
		} else {
			afterSubmits(20, () => fail(device));
		}
		return device;
	};
	return createDawn([...flags]);
}

/** @param {number} count @param {() => void} act */
function afterSubmits(count, act) {
	const { prototype } = globals.GPUQueue;
	const { submit } = prototype;
	let left = count;
	/** @param {...any} args */
	prototype.submit = function (...args) {
		const result = submit.apply(this, args);
		left--;
		if (left === 0) {
			act();
		}
		return result;
	};
}

/** @param {any} device */
function fail(device) {
	switch (fault) {
		case 'lost':
			device.destroy();
			return;
		case 'invalid':
			device.createBuffer({ size: 16, usage: globals.GPUBufferUsage.MAP_READ | globals.GPUBufferUsage.STORAGE });
			return;
		case 'memory':
			device.onuncapturederror({ error: new globals.GPUOutOfMemoryError('no room for 123 bytes') });
			return;
		case 'exit':
			process.exit(3);
			return;
		case 'crash':
			process.kill(process.pid, 'SIGSEGV');
			return;
		default:
			throw new Error(`no fault ${fault}`);
	}
}
