import { InspectorError } from '../core/problem';
import type { WorkerSetup } from '../shared/protocol/worker';
import type { CrfEngine } from './crfEngine';

/** @throws InspectorError `runtime.unavailable` */
export async function createCrfKernel(_setup: WorkerSetup): Promise<CrfEngine> {
	throw new InspectorError({ code: 'runtime.unavailable', detail: 'the CRF’s kernel is not built in' });
}
