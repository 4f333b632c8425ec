import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, findProgram } from '../../../scripts/lib/chromium.mjs';
import { findDesktop, hasDisplay } from '../../../scripts/lib/desktop.mjs';
import { locksAgree } from '../../../scripts/lib/packages.mjs';
import { freePort, run, start, stop } from '../../../scripts/lib/processes.mjs';

describe('locksAgree', () => {
	const wanted = {
		packages: {
			'': { version: '1.0.0' },
			'node_modules/a': { version: '1.2.3' },
			'node_modules/for-another-system': { version: '1.0.0', optional: true },
		},
	};

	it('accepts what is installed, less the packages of other systems', () => {
		expect(locksAgree(wanted, { packages: { 'node_modules/a': { version: '1.2.3' } } })).toBe(true);
	});

	it.each([
		['another version', { 'node_modules/a': { version: '1.2.4' } }],
		['a missing package', {}],
		[
			'an optional package in another version',
			{ 'node_modules/a': { version: '1.2.3' }, 'node_modules/for-another-system': { version: '0.9.0' } },
		],
	])('refuses %s', (_, packages) => {
		expect(locksAgree(wanted, { packages })).toBe(false);
	});
});

describe('finding programs', () => {
	let folder: string;
	beforeAll(() => {
		folder = mkdtempSync(path.join(os.tmpdir(), 'deeplab-programs-'));
		for (const name of ['chromium', 'code']) {
			writeFileSync(path.join(folder, name), '#!/bin/sh\n');
			chmodSync(path.join(folder, name), 0o755);
		}
		writeFileSync(path.join(folder, 'google-chrome'), 'not executable');
		mkdirSync(path.join(folder, 'codium'));
	});
	afterAll(() => rmSync(folder, { recursive: true }));

	it('looks on PATH, and only for programs', () => {
		expect(findProgram(['google-chrome', 'codium', 'chromium'], { PATH: folder })).toBe(path.join(folder, 'chromium'));
		expect(findProgram(['google-chrome', 'codium'], { PATH: folder })).toBeUndefined();
	});

	it('takes CHROMIUM_PATH first and says where it is wrong', () => {
		expect(findChromium({ PATH: '', CHROMIUM_PATH: path.join(folder, 'chromium') })).toBe(
			path.join(folder, 'chromium'),
		);
		expect(() => findChromium({ CHROMIUM_PATH: '/no/such/file' })).toThrow(/CHROMIUM_PATH names \/no\/such\/file/);
	});

	it('does not take the messenger of a remote window for a desktop', () => {
		expect(findDesktop({ PATH: folder })).toBe(path.join(folder, 'code'));
		expect(findDesktop({ PATH: folder, VSCODE_IPC_HOOK_CLI: '/tmp/x.sock' })).toBeUndefined();
		expect(findDesktop({ PATH: folder, WSL_DISTRO_NAME: 'Debian' })).toBeUndefined();
	});

	it.runIf(process.platform === 'linux')('knows whether there is a display', () => {
		expect(hasDisplay({})).toBe(false);
		expect(hasDisplay({ WAYLAND_DISPLAY: 'wayland-0' })).toBe(true);
	});
});

describe('processes', () => {
	it('keeps the output and the status of a program', async () => {
		const program = 'console.log("out"); console.error("err"); process.exit(3)';
		const { status, output } = await run(process.execPath, ['-e', program], { quiet: true });
		expect(status).toBe(3);
		expect(output).toContain('out');
		expect(output).toContain('err');
	});

	it('says what is not there instead of throwing', async () => {
		expect((await run('/no/such/program', [], { quiet: true })).status).toBe(127);
	});

	it('stops a program that takes too long', async () => {
		const { status, output } = await run(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
			quiet: true,
			timeoutSeconds: 0.3,
		});
		expect(status).not.toBe(0);
		expect(output).toContain('Stopped after');
	});

	it('stops what a program has started, too', async () => {
		const program = `const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
			console.log(child.pid); setInterval(() => {}, 1000)`;
		const child = start(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
		const grandchild: number = await new Promise((resolve) =>
			child.stdout?.once('data', (data) => resolve(Number(data))),
		);
		await stop(child);
		await expect.poll(() => isAlive(grandchild), { timeout: 3000 }).toBe(false);
	});

	it('passes over a port that is taken', async () => {
		const server = createServer();
		const taken = await freePort(8150);
		await new Promise((resolve) => server.listen(taken, '127.0.0.1', () => resolve(undefined)));
		try {
			expect(await freePort(taken)).toBeGreaterThan(taken);
		} finally {
			server.close();
		}
	});
});

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}
