import { describe, expect, test } from 'vitest';
import { locateModel, type ModelLocation } from '../../../src/extension/models/modelLocation';

const folders = ['paper', 'models'];

describe('locateModel', () => {
	test.each<[string, ModelLocation]>([
		['', { kind: 'bundled' }],
		['  ', { kind: 'bundled' }],
		['net.onnx', { kind: 'workspace', folder: 0, path: 'net.onnx' }],
		['./nets/net.onnx', { kind: 'workspace', folder: 0, path: './nets/net.onnx' }],
		['nets\\net.onnx', { kind: 'workspace', folder: 0, path: 'nets/net.onnx' }],
		// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of VS Code's settings
		['${workspaceFolder}/net.onnx', { kind: 'workspace', folder: 0, path: 'net.onnx' }],
		// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of VS Code's settings
		['${workspaceFolder:models}/a/net.onnx', { kind: 'workspace', folder: 1, path: 'a/net.onnx' }],
		// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of VS Code's settings
		['${workspaceFolder:other}/net.onnx', { kind: 'nowhere' }],
		// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of VS Code's settings
		['${userHome}/net.onnx', { kind: 'home', path: 'net.onnx' }],
		['~/net.onnx', { kind: 'home', path: 'net.onnx' }],
		['~\\nets\\net.onnx', { kind: 'home', path: 'nets/net.onnx' }],
		['~net.onnx', { kind: 'workspace', folder: 0, path: '~net.onnx' }],
		['/data/net.onnx', { kind: 'absolute', path: '/data/net.onnx' }],
		['C:\\nets\\net.onnx', { kind: 'absolute', path: 'C:\\nets\\net.onnx' }],
		['d:/net.onnx', { kind: 'absolute', path: 'd:/net.onnx' }],
		['\\\\server\\share\\net.onnx', { kind: 'absolute', path: '\\\\server\\share\\net.onnx' }],
		['vscode-vfs://github/owner/net.onnx', { kind: 'uri', uri: 'vscode-vfs://github/owner/net.onnx' }],
		['file:///data/net.onnx', { kind: 'uri', uri: 'file:///data/net.onnx' }],
		['tmp:/workspace/net.onnx', { kind: 'uri', uri: 'tmp:/workspace/net.onnx' }],
	])('%s', (value, location) => {
		expect(locateModel(value, folders)).toEqual(location);
	});

	test('a relative path leads nowhere without a folder', () => {
		expect(locateModel('net.onnx', [])).toEqual({ kind: 'nowhere' });
	});
});
